#include "loadlab/engine/checks.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cassert>
#include <optional>

namespace loadlab {
namespace {

namespace json = boost::json;

using Subject = Expectation::Subject;
using Relation = Expectation::Relation;

std::string rendered(const Template& text, const std::vector<std::string>& variables) {
  std::string out;
  for (const auto& piece : text.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      out += *literal;
    } else {
      const auto& variable = std::get<Template::Variable>(piece);
      append_escaped(out, variables[variable.slot], variable.escaping);
    }
  }
  return out;
}

bool is_whole(const json::value& value) { return value.is_int64() || value.is_uint64(); }

// As JSON's own reader would say it: 1 and 1.0 are one number, and members have no order.
bool same(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    // Whole numbers are compared as such: identifiers may have more digits than a double.
    return is_whole(a) && is_whole(b) ? a == b : a.to_number<double>() == b.to_number<double>();
  }
  if (a.is_array() && b.is_array()) {
    const auto& left = a.get_array();
    const auto& right = b.get_array();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
  }
  if (a.is_object() && b.is_object()) {
    const auto& left = a.get_object();
    const auto& right = b.get_object();
    return left.size() == right.size() &&
           std::all_of(left.begin(), left.end(), [&](const json::key_value_pair& member) {
             const json::value* other = right.if_contains(member.key());
             return other != nullptr && same(member.value(), *other);
           });
  }
  return a == b;
}

// Characters of a text, items of an array, members of an object.
std::optional<double> length_of(const json::value& value) {
  if (const auto* array = value.if_array()) return static_cast<double>(array->size());
  if (const auto* object = value.if_object()) return static_cast<double>(object->size());
  if (const auto* text = value.if_string()) {
    const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return static_cast<double>(std::count_if(text->begin(), text->end(), starts));
  }
  return std::nullopt;
}

}  // namespace

struct Checks::Ready {
  const Expectation& plan;
  Fault fault;
  std::optional<json::value> json{};  // what a JSON value must equal, where no variable is part of it
  std::string text{};                 // what a text is compared with, where no variable is part of it

  std::string_view expected(const std::vector<std::string>& variables, std::string& scratch) const {
    if (plan.text.is_constant()) return text;
    scratch = rendered(plan.text, variables);
    return scratch;
  }

  bool is_met_by_text(std::string_view value, const std::vector<std::string>& variables) const {
    std::string scratch;
    switch (plan.relation) {
      case Relation::equals:
        return value == expected(variables, scratch);
      case Relation::contains:
        return value.find(expected(variables, scratch)) != std::string_view::npos;
      case Relation::matches:
        return plan.pattern->found_in(value);
      default:
        return false;
    }
  }

  bool is_met_by_headers(const std::vector<std::string_view>& values, const std::vector<std::string>& variables) const {
    if (plan.relation == Relation::exists || plan.relation == Relation::absent)
      return values.empty() == (plan.relation == Relation::absent);
    return std::any_of(values.begin(), values.end(),
                       [&](std::string_view value) { return is_met_by_text(value, variables); });
  }

  bool equals_json(const json::value& value, const std::vector<std::string>& variables) const {
    if (json) return same(value, *json);
    boost::system::error_code error;
    const json::value expected = json::parse(rendered(plan.text, variables), error);
    return !error && same(value, expected);
  }

  bool is_met_by_json(const json::value* value, const std::vector<std::string>& variables) const {
    if (plan.relation == Relation::exists || plan.relation == Relation::absent)
      return (value == nullptr) == (plan.relation == Relation::absent);
    if (value == nullptr) return false;
    switch (plan.relation) {
      case Relation::equals:
        return equals_json(*value, variables);
      case Relation::compares:
        return value->is_number() && holds(value->to_number<double>(), plan.comparison, plan.bound);
      case Relation::length: {
        const auto length = length_of(*value);
        return length && holds(*length, plan.comparison, plan.bound);
      }
      default:
        return is_met_by_text(text_of(*value), variables);
    }
  }

  bool is_met_by(Answer& answer, const std::vector<std::string>& variables) const {
    switch (plan.subject) {
      case Subject::header:
        return is_met_by_headers(answer.headers(plan.at), variables);
      case Subject::body:
        return is_met_by_text(answer.body(), variables);
      case Subject::json:
        return is_met_by_json(answer.at(plan.at), variables);
      case Subject::size:
        return holds(static_cast<double>(answer.size()), plan.comparison, plan.bound);
      case Subject::duration:
        return holds(static_cast<double>(answer.duration().count()), plan.comparison, plan.bound);
    }
    return false;
  }
};

Checks::Checks(const Check& check, std::vector<Fault> faults) {
  assert(faults.size() == check.expectations.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const Expectation& plan = check.expectations[i];
    Ready& ready = expectations_.emplace_back(Ready{plan, faults[i]});
    if (!plan.text.is_constant()) continue;
    ready.text = plan.text.constant();
    if (plan.subject == Subject::json && plan.relation == Relation::equals) ready.json = json::parse(ready.text);
  }
}

Checks::~Checks() = default;
Checks::Checks(Checks&&) noexcept = default;

Wanted Checks::wanted() const {
  Wanted wanted;
  for (const Ready& ready : expectations_) {
    wanted.head = wanted.head || ready.plan.subject == Subject::header;
    wanted.body = wanted.body || ready.plan.subject == Subject::body || ready.plan.subject == Subject::json;
  }
  return wanted;
}

Fault Checks::first_failed(Answer& answer, const std::vector<std::string>& variables) const {
  for (const Ready& ready : expectations_) {
    if (!ready.is_met_by(answer, variables)) return ready.fault;
  }
  return Fault::none;
}

}  // namespace loadlab
