#include "loadlab/cli/test_list.h"

#include <fmt/format.h>

#include "loadlab/plan/sweep.h"
#include "loadlab/report/units.h"
#include "loadlab/session/describe_load.h"

namespace loadlab {
namespace {

std::string minutes(base::Nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  if (seconds < 100) return format_ms(std::chrono::duration<double, std::milli>(time).count());
  return fmt::format("{}:{:02} min", seconds / 60, seconds % 60);
}

}  // namespace

base::Nanoseconds expected_time(const Test& test) {
  if (!test.sweep) return test.duration();
  base::Nanoseconds all{0};
  for (const SweepPoint& point : test.sweep->points) all += point.test.duration();
  return all * test.sweep->repeat;
}

std::string test_list(const Plan& plan) {
  std::string text;
  const std::string* family = nullptr;
  base::Nanoseconds all{0};
  for (const Test& test : plan.tests) {
    if (!family || *family != test.family) {
      family = &test.family;
      if (!family->empty()) text += fmt::format("{}{}\n", text.empty() ? "" : "\n", *family);
    }
    const base::Nanoseconds time = expected_time(test);
    all += time;
    text += fmt::format("{}{}{}: {} ({})\n", family->empty() ? "" : "  ", test.name,
                        test.tags.empty() ? "" : fmt::format(" [{}]", fmt::join(test.tags, ", ")), describe_load(test),
                        time.count() > 0 ? minutes(time) : "its own time");
  }
  return text + fmt::format("\n{} test{}, {} of load, and what is done around it\n", plan.tests.size(),
                            plan.tests.size() == 1 ? "" : "s", minutes(all));
}

}  // namespace loadlab
