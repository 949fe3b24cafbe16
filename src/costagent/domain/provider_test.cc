#include "costagent/domain/provider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace costagent {
namespace {

using testing::Contains;
using testing::ElementsAre;

TEST(Provider, any_of_a_clouds_names_means_all_of_them) {
  for (const std::string_view asked : {"aws", "AWS", "amazon web services"}) {
    const auto spellings = provider_spellings(asked);
    EXPECT_EQ(spellings.front(), asked);
    EXPECT_THAT(spellings, Contains("AWS"));
    EXPECT_THAT(spellings, Contains("Amazon Web Services"));
    EXPECT_EQ(std::count(spellings.begin(), spellings.end(), asked), 1) << "none twice";
  }
  EXPECT_THAT(provider_spellings("gcp"), Contains("Google Cloud"));
  EXPECT_THAT(provider_spellings("azure"), Contains("Microsoft"));
}

TEST(Provider, an_unknown_name_means_itself) {
  EXPECT_THAT(provider_spellings("Snowflake"), ElementsAre("Snowflake"));
  EXPECT_THAT(provider_spellings("aws2"), ElementsAre("aws2"));
}

}  // namespace
}  // namespace costagent
