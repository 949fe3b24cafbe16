#include <fmt/format.h>

#include <boost/json.hpp>

#include "loadlab/cli/doctor.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

constexpr std::size_t kLevelWidth = 6;
constexpr std::size_t kCheckWidth = 15;

const char* summary_of(Level level) {
  switch (level) {
    case Level::ok:
      return "nothing here would bend results";
    case Level::warn:
      return "it would do; what is said may cost something";
    case Level::bad:
      return "something here would bend results";
  }
  return "";
}

}  // namespace

std::string doctor_text(const std::vector<Finding>& findings, const Need& need) {
  std::string text =
      fmt::format("for {} at once and {} requests\n\n", format_counted(static_cast<std::uint64_t>(need.users), "user"),
                  format_rate(need.rate));
  for (const Finding& finding : findings) {
    text += fmt::format("{}{}{}\n", pad_right(name_of(finding.level), kLevelWidth),
                        pad_right(finding.check, kCheckWidth), finding.found);
    if (!finding.advice.empty())
      text += fmt::format("{}{}\n", std::string(kLevelWidth + kCheckWidth, ' '), finding.advice);
  }
  const Level level = worst(findings);
  return text + fmt::format("\n{}: {}\n", name_of(level), summary_of(level));
}

std::string doctor_json(const std::vector<Finding>& findings, const Need& need) {
  namespace json = boost::json;
  json::array list;
  for (const Finding& finding : findings) {
    list.push_back(
        json::object{{"check", finding.check},
                     {"level", name_of(finding.level)},
                     {"found", finding.found},
                     {"advice", finding.advice.empty() ? json::value(nullptr) : json::value(finding.advice)}});
  }
  const json::object document{{"schema", "loadlab.doctor/1"},
                              {"level", name_of(worst(findings))},
                              {"users", need.users},
                              {"rate", need.rate},
                              {"findings", std::move(list)}};
  return json::serialize(document) + "\n";
}

}  // namespace loadlab
