#include "loadlab/report/text_table.h"

#include <gtest/gtest.h>

namespace loadlab {
namespace {

using Texts = std::vector<std::string>;

TEST(TextTable, long_names_are_cut_in_the_middle_so_that_they_stay_different) {
  TextTable table(30, {});
  table.add({"step", "requests"});
  table.add({"GET /customers/$(id)/orders?state=open", "7"});
  table.add({"GET /customers/$(id)/orders?state=sent", "8"});
  EXPECT_EQ(table.text("  "),
            "  step                requests\n"
            "  GET /cust…ate=open         7\n"
            "  GET /cust…ate=sent         8\n");
}

TEST(TextTable, names_that_differ_only_where_they_are_cut_get_a_number) {
  EXPECT_EQ(shortened_apart({"GET /first/many", "GET /other/many", "GET /third/many", "short"}, 9),
            (Texts{"GET …many", "GET…ny #2", "GET…ny #3", "short"}));
  EXPECT_EQ(shortened_apart({"GET /first/many", "GET /first/many"}, 9), (Texts{"GET …many", "GET …many"}))
      << "what is the same stays the same";
}

}  // namespace
}  // namespace loadlab
