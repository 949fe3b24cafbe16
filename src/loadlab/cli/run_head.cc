#include "loadlab/cli/run_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "base/without_password.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/probe/machine.h"
#include "loadlab/result/version.h"

namespace loadlab {
namespace {

constexpr std::string_view kBlank = "…";
constexpr const char* kNotKept = "# not kept: it holds secrets in another form than they are used in\n";

// Of a suite of several files all of them, as any may be what has changed.
std::string text_of(const Plan& plan) {
  std::string text;
  for (const std::string& source : plan.sources) {
    if (plan.sources.size() > 1) text += fmt::format("# {}\n", source);
    std::ifstream file(source);
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

// Word by word, as a URL has no spaces and quotes.
std::string without_passwords(std::string_view text) {
  constexpr std::string_view kBetween = " \t\r\n\"'";
  std::string shown;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(kBetween));
    const bool may_hold_one = word.find("://") != std::string_view::npos || word.find('=') != std::string_view::npos;
    shown += may_hold_one ? base::without_password(word) : std::string(word);
    text.remove_prefix(word.size());
    const std::size_t between = std::min(text.find_first_not_of(kBetween), text.size());
    shown += text.substr(0, between);
    text.remove_prefix(between);
  }
  return shown;
}

// By name; of one that is given twice, the last. Secrets may be others each time, and nobody may read them.
std::string given(const RunOptions& options, const Plan& plan) {
  std::map<std::string, std::string> values;
  for (const std::string& text : options.variables) {
    const auto variable = parse_variable(text);
    if (!variable) continue;
    const bool secret = std::any_of(plan.secrets.begin(), plan.secrets.end(),
                                    [&](const auto& one) { return one.first == variable->first; });
    if (!secret) values[variable->first] = base::without_password(variable->second);
  }
  std::string all;
  for (const auto& [name, value] : values) all += fmt::format("{}{}={}", all.empty() ? "" : ", ", name, value);
  return all;
}

}  // namespace

std::string without_secrets(const std::string& text, const std::vector<std::pair<std::string, std::string>>& secrets) {
  std::vector<std::string> texts;
  for (const auto& [name, secret] : secrets) {
    if (!secret.empty()) texts.push_back(secret);
  }
  // A shorter one may be a part of a longer one.
  std::sort(texts.begin(), texts.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  std::string shown = text;
  for (const std::string& secret : texts) {
    if (text.find(secret) == std::string::npos) return kNotKept;
    for (auto at = shown.find(secret); at != std::string::npos; at = shown.find(secret, at + kBlank.size()))
      shown.replace(at, secret.size(), kBlank);
  }
  return without_passwords(shown);
}

RunHead head_of(const RunOptions& options, const Plan& plan, const base::Clock& clock) {
  RunHead head;
  head.suite = plan.suite;
  head.version = kVersion;
  head.commit = options.commit;
  head.plan = options.is_url() ? base::without_password(options.what) : without_secrets(text_of(plan), plan.secrets);
  head.variables = given(options, plan);
  head.started = clock.utc();
  head.machine = this_machine();
  return head;
}

}  // namespace loadlab
