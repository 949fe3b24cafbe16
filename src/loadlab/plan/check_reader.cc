#include "loadlab/plan/check_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/json_text.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

using Subject = Expectation::Subject;
using Relation = Expectation::Relation;

constexpr std::size_t kMostStatusRanges = 100;
constexpr std::size_t kMostExpectations = 100;  // of one step; each is looked at for each answer
// What one takes with its name; so that a plan has at most 32,000, which a Fault can number.
constexpr std::size_t kExpectationBytes = 2000;

// `200`, `2xx` or `200-299`.
std::optional<std::pair<int, int>> parse_statuses(std::string_view text) {
  constexpr int kLowest = 100;
  constexpr int kHighest = 599;
  if (text.size() == 3 && text.substr(1) == "xx" && text[0] >= '1' && text[0] <= '5')
    return std::pair((text[0] - '0') * 100, (text[0] - '0') * 100 + 99);
  const auto number = [](std::string_view digits) {
    int status = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), status);
    return read.ec == std::errc() && read.ptr == digits.data() + digits.size() ? status : 0;
  };
  const auto dash = text.find('-');
  const int low = number(trimmed(text.substr(0, dash)));
  const int high = dash == std::string_view::npos ? low : number(trimmed(text.substr(dash + 1)));
  if (low < kLowest || high > kHighest || low > high) return std::nullopt;
  return std::pair(low, high);
}

// `< 10KB`, `>= 3`, `3`: a comparison, which is equality where none is written, and what stands behind it.
struct WrittenBound {
  Comparison comparison = Comparison::equal;
  std::string_view sign;
  std::string_view rest;
};

WrittenBound split_bound(std::string_view text) {
  static constexpr auto kSigns =
      std::to_array<std::pair<std::string_view, Comparison>>({{"<=", Comparison::less_or_equal},
                                                              {">=", Comparison::greater_or_equal},
                                                              {"<", Comparison::less},
                                                              {">", Comparison::greater},
                                                              {"=", Comparison::equal}});
  text = trimmed(text);
  for (const auto& [sign, comparison] : kSigns) {
    if (text.starts_with(sign)) return {comparison, sign, trimmed(text.substr(sign.size()))};
  }
  return {Comparison::equal, "=", text};
}

std::optional<double> parse_number(std::string_view text) {
  double number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

class CheckReader {
 public:
  CheckReader(const Scope& scope, Complaints& complaints) : scope_(scope), complaints_(complaints) {}

  Check read(const YamlEntry& entry) {
    const YamlNode* map = read_map(entry, "a map, as in {status: 200}", complaints_);
    if (!map) return {};
    refuse_unknown_keys(*map, "a check", {"status", "header", "body", "json", "size", "duration"}, complaints_);
    if (const YamlEntry* status = map->find("status")) read_statuses(*status);
    if (const YamlEntry* headers = map->find("header")) read_headers(*headers);
    if (const YamlEntry* body = map->find("body")) read_values({Subject::body, "", "body"}, *body);
    if (const YamlEntry* json = map->find("json")) read_pointers(*json);
    if (const YamlEntry* size = map->find("size")) read_measure(*size, Subject::size, "size: < 10KB", bytes_per);
    if (const YamlEntry* duration = map->find("duration"))
      read_measure(*duration, Subject::duration, "duration: < 200ms", nanoseconds_per);
    if (check_.expectations.size() > kMostExpectations)
      complaints_.add(map->at, "check: a step has at most {} checks besides its status", kMostExpectations);
    return std::move(check_);
  }

 private:
  // What is looked at, and how its name begins.
  struct Place {
    Subject subject;
    std::string at;
    std::string name;
  };

  void read_statuses(const YamlEntry& entry) {
    if (entry.value->kind != YamlNode::Kind::list) return add_statuses(*entry.value);
    const YamlNode* list = read_list(entry, kMostStatusRanges, "a list of statuses", complaints_);
    if (!list) return;
    if (list->items.empty()) complaints_.add(list->at, "status: an empty list would fail every answer; name a status");
    for (const YamlPointer& item : list->items) add_statuses(*item);
  }

  void add_statuses(const YamlNode& node) {
    const auto range = node.kind == YamlNode::Kind::scalar ? parse_statuses(node.text) : std::nullopt;
    if (range) {
      check_.statuses.push_back(*range);
    } else {
      complaints_.add(node.at, "status: expected a status from 100 to 599, 2xx, 200-299, or a list of such{}",
                      node.kind == YamlNode::Kind::scalar ? fmt::format(", not '{}'", shown(node.text)) : "");
    }
  }

  void read_headers(const YamlEntry& entry) {
    const YamlNode* map = read_map(entry, "a map of headers, as in {Content-Type: {contains: json}}", complaints_);
    if (!map) return;
    for (const YamlEntry& header : map->entries) {
      if (is_token(header.key)) {
        read_values({Subject::header, header.key, fmt::format("header {}", shown(header.key))}, header);
      } else {
        complaints_.add(header.key_at, "header: '{}' is not the name of a header, as in Content-Type",
                        shown(header.key));
      }
    }
  }

  void read_pointers(const YamlEntry& entry) {
    const YamlNode* map = read_map(entry, "a map of JSON pointers, as in {/items/0/state: open}", complaints_);
    if (!map) return;
    for (const YamlEntry& value : map->entries) {
      if (value.key.empty() || is_json_pointer(value.key)) {
        read_values({Subject::json, value.key, fmt::format("json {}", shown(value.key))}, value);
      } else {
        complaints_.add(value.key_at, "json: '{}' is not a JSON pointer; write it as in /items/0/id", shown(value.key));
      }
    }
  }

  // What stands behind a place: the value it must have, a map of conditions, or a list of such.
  void read_values(const Place& place, const YamlEntry& entry) {
    if (entry.value->kind == YamlNode::Kind::list) {
      const YamlNode* list = read_list(entry, kMostExpectations, "a list of conditions", complaints_);
      if (!list) return;
      for (const YamlPointer& item : list->items) read_values(place, {entry.key, entry.key_at, item});
    } else if (entry.value->kind == YamlNode::Kind::map) {
      read_conditions(place, *entry.value);
    } else {
      read_equals(place, entry);
    }
  }

  void read_conditions(const Place& place, const YamlNode& map) {
    std::vector<std::string_view> known = {"equals", "contains", "matches"};
    if (place.subject != Subject::body) known.push_back("exists");
    if (place.subject == Subject::json) known.insert(known.end(), {"number", "length"});
    refuse_unknown_keys(map, fmt::format("a check of {}", place.name), known, complaints_);
    if (map.entries.empty())
      complaints_.add(map.at, "{}: expected a condition: {}", place.name, fmt::join(known, ", "));
    for (const YamlEntry& entry : map.entries) {
      if (std::find(known.begin(), known.end(), entry.key) == known.end()) continue;
      if (entry.key == "equals") read_equals(place, entry);
      if (entry.key == "contains") read_contains(place, entry);
      if (entry.key == "matches") read_matches(place, entry);
      if (entry.key == "exists") read_exists(place, entry);
      if (entry.key == "number") read_number(place, entry, Relation::compares);
      if (entry.key == "length") read_number(place, entry, Relation::length);
    }
  }

  void read_equals(const Place& place, const YamlEntry& entry) {
    const YamlNode& value = *entry.value;
    if (place.subject == Subject::json) {
      Template json = read_json(value, scope_, complaints_);
      const std::string_view quote = skeleton(json, "").starts_with('"') ? "\"" : "";
      const std::string written = value.kind == YamlNode::Kind::scalar ? shown(value.text) : "…";
      add(place, Relation::equals, fmt::format("= {0}{1}{0}", quote, written)).text = std::move(json);
    } else if (read_text(entry, "equals: ok", complaints_)) {
      add(place, Relation::equals, fmt::format("= \"{}\"", shown(value.text))).text =
          read_template(value, scope_, Escaping::none, complaints_);
    }
  }

  void read_contains(const Place& place, const YamlEntry& entry) {
    if (!read_text(entry, "contains: ok", complaints_)) return;
    add(place, Relation::contains, fmt::format("contains \"{}\"", shown(entry.value->text))).text =
        read_template(*entry.value, scope_, Escaping::none, complaints_);
  }

  void read_matches(const Place& place, const YamlEntry& entry) {
    auto pattern = read_pattern(entry, scope_, complaints_);
    if (!pattern) return;
    add(place, Relation::matches, fmt::format("matches \"{}\"", shown(entry.value->text))).pattern = std::move(pattern);
  }

  void read_exists(const Place& place, const YamlEntry& entry) {
    const auto exists = read_boolean(entry, complaints_);
    if (exists) add(place, *exists ? Relation::exists : Relation::absent, *exists ? "exists" : "is absent");
  }

  void read_number(const Place& place, const YamlEntry& entry, Relation relation) {
    const std::string example = fmt::format("{}: \">= 1\"", entry.key);
    const auto text = read_text(entry, example, complaints_);
    if (!text) return;
    const WrittenBound bound = split_bound(*text);
    const auto number = parse_number(bound.rest);
    if (!number) {
      complaints_.add(place_of(entry), "{}: expected a comparison with a number, as in {}, not '{}'", entry.key,
                      example, shown(*text));
      return;
    }
    Expectation& expectation =
        add(place, relation,
            fmt::format("{}{} {}", relation == Relation::length ? "length " : "", bound.sign, shown(bound.rest)));
    expectation.comparison = bound.comparison;
    expectation.bound = *number;
  }

  void read_measure(const YamlEntry& entry, Subject subject, std::string_view example,
                    std::optional<double> (*factor_of)(std::string_view unit)) {
    const auto text = read_text(entry, example, complaints_);
    if (!text) return;
    const WrittenBound bound = split_bound(*text);
    const auto quantity = split_quantity(bound.rest);
    const auto factor = quantity ? factor_of(quantity->unit) : std::nullopt;
    if (!factor || bound.comparison == Comparison::equal) {
      complaints_.add(place_of(entry), "{}: expected <, <=, > or >= and a number with its unit, as in {}, not '{}'",
                      entry.key, example, shown(*text));
      return;
    }
    Expectation& expectation =
        add({subject, "", entry.key}, Relation::compares, fmt::format("{} {}", bound.sign, shown(bound.rest)));
    expectation.comparison = bound.comparison;
    expectation.bound = quantity->number * *factor;
  }

  Expectation& add(const Place& place, Relation relation, std::string_view condition) {
    // With an exhausted budget the plan is refused, whatever else is read.
    if (scope_.budget->take(kExpectationBytes) || check_.expectations.empty()) check_.expectations.emplace_back();
    Expectation& expectation = check_.expectations.back();
    expectation.subject = place.subject;
    expectation.at = place.at;
    expectation.relation = relation;
    expectation.name = fmt::format("{} {}", place.name, condition);
    return expectation;
  }

  const Scope& scope_;
  Complaints& complaints_;
  Check check_;
};

}  // namespace

Check read_check(const YamlEntry& entry, const Scope& scope, Complaints& complaints) {
  return CheckReader(scope, complaints).read(entry);
}

std::optional<Pattern> read_pattern(const YamlEntry& entry, const Scope& scope, Complaints& complaints) {
  // What one may take at work is a bound; compiled it takes some kilobytes, and a share of this keeps their number
  // sane.
  constexpr std::size_t kShare = Pattern::kMostBytes / 16;
  const auto text = read_text(entry, "'^/items/(\\d+)$'", complaints);
  if (!text || !scope.budget->take(kShare)) return std::nullopt;
  auto pattern = Pattern::compile(*text);
  if (pattern) return std::move(*pattern);
  complaints.add(place_of(entry), "{}: not a regular expression (RE2): {}", entry.key, pattern.error().message);
  return std::nullopt;
}

}  // namespace loadlab
