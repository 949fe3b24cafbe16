#include "costagent/ingest/utilisation.h"

#include <gtest/gtest.h>

namespace costagent {
namespace {

using Row = std::vector<std::string_view>;

TEST(Utilisation, reads_an_hour_of_a_resource) {
  auto parser =
      UtilisationParser::create(Row{"HourStart", "ResourceId", "CpuPercent", "MemoryPercent", "NetworkBytes", "Note"})
          .value();
  UtilisationSample sample;
  ASSERT_FALSE(parser.parse(Row{"2025-01-02T05:00:00Z", "vm-1", "12.5", "100", "1e9", "x"}, sample));
  EXPECT_EQ(sample.resource_id, "vm-1");
  EXPECT_EQ(base::format_time(sample.hour), "2025-01-02T05:00:00Z");
  EXPECT_EQ(sample.cpu_percent, 12.5);
  EXPECT_EQ(sample.memory_percent, 100);
  EXPECT_EQ(sample.network_bytes, 1e9);
  EXPECT_EQ(sample.disk_bytes, 0) << "a column that is not there counts as nothing";
}

TEST(Utilisation, figures_that_cannot_be_are_refused) {
  auto parser = UtilisationParser::create(Row{"ResourceId", "HourStart", "CpuPercent"}).value();
  UtilisationSample sample;
  for (const char* cpu : {"-1", "100.5", "nan", "inf", "12%", "1e999"}) {
    const auto problem = parser.parse(Row{"vm", "2025-01-02T05:00:00Z", cpu}, sample);
    ASSERT_TRUE(problem) << cpu;
    EXPECT_EQ(problem->column_name, "CpuPercent");
  }
  EXPECT_TRUE(parser.parse(Row{"", "2025-01-02T05:00:00Z", "1"}, sample));
  EXPECT_TRUE(parser.parse(Row{"vm", "noon", "1"}, sample));
  EXPECT_TRUE(parser.parse(Row{"vm", "2025-01-02"}, sample));
  EXPECT_FALSE(UtilisationParser::create(Row{"ResourceId", "CpuPercent"}));
}

}  // namespace
}  // namespace costagent
