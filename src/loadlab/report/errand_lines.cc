#include "loadlab/report/errand_lines.h"

#include <fmt/format.h>

#include "loadlab/report/units.h"

namespace loadlab {
namespace {

void add(std::vector<std::string>& lines, std::string_view name, const Tally& tally,
         const std::vector<std::string>& checks) {
  if (tally.requests == 0) return;
  std::string line = fmt::format("{}: {}, {}, counted apart", name, format_counted(tally.requests, "request"),
                                 format_counted(tally.failed, "error"));
  const char* before = ": ";
  for (const auto& [fault, count] : tally.faults) {
    line += fmt::format("{}{} × {}", before, format_count(count), name_of(fault, checks));
    before = ", ";
  }
  lines.push_back(std::move(line));
}

}  // namespace

std::vector<std::string> errand_lines(const TestResult& test) {
  std::vector<std::string> lines;
  if (test.setup) add(lines, "set-up", test.setup->tally, test.setup->checks);
  add(lines, "set-up of users", test.user_setup, test.checks);
  add(lines, "teardown of users", test.user_teardown, test.checks);
  if (test.teardown) {
    add(lines, "teardown", test.teardown->tally, test.teardown->checks);
    if (!test.teardown->failure.empty()) lines.push_back("the teardown failed at " + test.teardown->failure);
  }
  return lines;
}

}  // namespace loadlab
