#include "loadlab/report/run_reasons.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadlab/report/margin_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRead = 64'000'000;

// What comes first on the page. What only warns comes behind all that fails.
enum Rank { kError, kUntrusted, kWithoutMargin, kOver, kUnmeasured, kLeak, kVerification, kRanks };

std::string text_of(const json::object& of, std::string_view key) {
  const json::value* value = of.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<double> number_of(const json::object& of, std::string_view key) {
  const json::value* value = of.if_contains(key);
  return value && value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
}

bool is_true(const json::object& of, std::string_view key) {
  const json::value* value = of.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

template <class Visit>
void for_each_object(const json::object& of, std::string_view key, Visit visit) {
  const json::value* list = of.if_contains(key);
  if (!list || !list->is_array()) return;
  for (const json::value& one : list->get_array()) {
    if (one.is_object()) visit(one.get_object());
  }
}

class Reasons {
 public:
  void add_run(const json::object& summary) {
    if (is_true(summary, "interrupted")) add("", "error", kError).shown["text"] = "it was interrupted";
    for_each_object(summary, "tests", [this](const json::object& test) { add_test(test); });
  }

  json::array sorted() {
    std::stable_sort(found_.begin(), found_.end(), [](const Reason& one, const Reason& other) {
      return std::pair(one.rank, one.room) < std::pair(other.rank, other.room);
    });
    json::array list;
    for (Reason& one : found_) list.push_back(std::move(one.shown));
    return list;
  }

 private:
  struct Reason {
    int rank = 0;
    double room = 0;  // among those of a rank: the less, the worse
    json::object shown;
  };

  Reason& add(const std::string& test, const char* kind, Rank rank, bool warns = false) {
    return found_.emplace_back(Reason{rank + (warns ? kRanks : 0),
                                      0,
                                      {{"test", test},
                                       {"kind", kind},
                                       {"severity", warns ? "warn" : "fail"},
                                       {"what", ""},
                                       {"observed", ""},
                                       {"limit", ""},
                                       {"margin", ""},
                                       {"text", ""}}});
  }

  void add_test(const json::object& test) {
    const std::string name = text_of(test, "name");
    if (const std::string failure = text_of(test, "failure"); !failure.empty())
      add(name, "error", kError).shown["text"] = failure;
    const json::value* trust = test.if_contains("trust");
    const json::value* untrusted = trust && trust->is_object() ? trust->get_object().if_contains("reasons") : nullptr;
    if (untrusted && untrusted->is_array()) {
      for (const json::value& one : untrusted->get_array()) add(name, "untrusted", kUntrusted).shown["text"] = one;
    }
    for_each_object(test, "thresholds", [&](const json::object& one) { add_threshold(name, one); });
    for_each_object(test, "leaks", [&](const json::object& one) {
      if (text_of(one, "verdict") == "leak")
        add(name, "leak", kLeak, text_of(one, "severity") == "warn").shown["text"] = text_of(one, "sentence");
    });
    for_each_object(test, "verifications", [&](const json::object& one) {
      if (is_true(one, "passed")) return;
      json::object& shown = add(name, "verification", kVerification, text_of(one, "severity") == "warn").shown;
      shown["what"] = text_of(one, "name");
      shown["observed"] = text_of(one, "observed");
      shown["text"] = text_of(one, "reason");
    });
  }

  void add_threshold(const std::string& test, const json::object& one) {
    if (is_true(one, "passed")) return;
    ThresholdOutcome outcome;
    outcome.unit = text_of(one, "unit");
    outcome.bound = number_of(one, "bound").value_or(0);
    outcome.observed = number_of(one, "observed");
    outcome.margin = number_of(one, "margin");
    const Rank rank = !outcome.observed ? kUnmeasured : outcome.margin ? kOver : kWithoutMargin;
    Reason& reason = add(test, "threshold", rank, text_of(one, "severity") == "warn");
    reason.room = outcome.margin.value_or(0);
    reason.shown["what"] = text_of(one, "expression");
    reason.shown["observed"] =
        outcome.observed ? format_value(*outcome.observed, outcome.unit) : std::string("nothing to measure");
    reason.shown["limit"] = format_value(outcome.bound, outcome.unit);
    if (outcome.margin) reason.shown["margin"] = margin_text(outcome);
    const std::string missing = text_of(one, "missing");
    reason.shown["text"] = missing.empty() ? text_of(one, "reason") : missing;
  }

  std::vector<Reason> found_;
};

}  // namespace

json::array reasons_json(std::string_view summary) {
  if (summary.size() > kMostRead) return {};
  boost::system::error_code error;
  const json::value parsed = json::parse(summary, error);
  Reasons reasons;
  if (!error && parsed.is_object()) reasons.add_run(parsed.get_object());
  return reasons.sorted();
}

}  // namespace loadlab
