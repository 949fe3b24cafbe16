#include "loadlab/plan/step_reader.h"

#include <algorithm>
#include <optional>

#include "loadlab/plan/capture_reader.h"
#include "loadlab/plan/check_reader.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/json_text.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostHeaders = 100;
constexpr std::size_t kMostCaptures = 100;

std::optional<std::string> read_step_name(const YamlEntry& entry, Complaints& complaints) {
  auto name = read_name(entry, complaints);
  if (name && name->find_first_of("<>") != std::string::npos) {
    complaints.add(place_of(entry), "{}: '<' and '>' can't stand in a {}'s name, or no threshold could name it",
                   entry.key, entry.key == "group" ? "group" : "step");
  }
  return name;
}

// Reads the steps of one journey or errand in their order: what a step captures, those behind it may use.
class StepReader {
 public:
  // `may_think`: its steps may say a time to think.
  StepReader(const StepDefaults& defaults, bool may_think, std::vector<Step>& steps, Complaints& complaints)
      : defaults_(defaults), may_think_(may_think), steps_(steps), complaints_(complaints), slots_(defaults.captured) {
    scope_.variables = defaults.variables;
    scope_.data = defaults.data;
    scope_.slots = &slots_;
    scope_.outside = defaults.outside;
    scope_.budget = defaults.budget;
  }

  // The step's name; none where not even that could be read.
  std::optional<std::string> read(const YamlNode& node) {
    // What a step takes besides its texts, with an entry a header and a capture.
    constexpr std::size_t kStepBytes = 1000;
    if (!defaults_.budget->take(kStepBytes + kEntryBytes * defaults_.headers.size())) return std::nullopt;
    Step step;
    step.think = defaults_.think;
    HeaderSource headers = defaults_.headers;
    const std::size_t complaints_before = complaints_.size();
    std::optional<std::string> name;
    if (node.kind == YamlNode::Kind::scalar) {
      name = read_request(node, step);
      read_headers_of(headers, step);
      read_transfer(node, defaults_.transfer, *defaults_.budget, step, complaints_);
    } else if (node.kind == YamlNode::Kind::map) {
      name = read_map_form(node, headers, step);
    } else {
      complaints_.add(node.at, "a step is a text, as in GET /health, or a map with 'request'");
    }
    step.draws = slots_.end_step();
    if (complaints_.size() == complaints_before) steps_.push_back(std::move(step));
    return name;
  }

  const Slots& slots() const { return slots_; }

 private:
  // `- GET: /health`, the commonest slip.
  static const YamlEntry* find_method_as_key(const YamlNode& node) {
    for (const std::string_view method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
      if (const YamlEntry* entry = node.find(method)) return entry;
    }
    return nullptr;
  }

  std::optional<std::string> read_map_form(const YamlNode& node, HeaderSource& headers, Step& step) {
    if (const YamlEntry* method = find_method_as_key(node)) {
      complaints_.add(method->key_at, "write a step as one text, without the ':', as in {} /health", method->key);
      return std::nullopt;
    }
    std::vector<std::string_view> known = {"name", "request", "json", "body", "headers", "capture", "check"};
    known.insert(known.end(), transfer_keys().begin(), transfer_keys().end());
    if (may_think_) known.push_back("think");
    refuse_unknown_keys(node, may_think_ ? "a step" : "a step of a set-up or teardown", known, complaints_);
    std::optional<std::string> name;
    if (const YamlEntry* request = node.find("request")) {
      if (request->value->kind == YamlNode::Kind::scalar) {
        name = read_request(*request->value, step);
      } else {
        complaints_.add(place_of(*request), "request: expected a method and a path, as in GET /health");
      }
    } else {
      complaints_.add(node.at, "this step has no 'request'; write one, as in request: GET /health");
    }
    if (const YamlEntry* given = node.find("name")) {
      name = read_step_name(*given, complaints_);
      if (name) step.name = *name;
    }
    if (const YamlEntry* own = node.find("headers")) read_headers(*own, headers, complaints_);
    read_headers_of(headers, step);
    read_body(node, step);
    read_transfer(node, defaults_.transfer, *defaults_.budget, step, complaints_);
    if (const YamlEntry* check = node.find("check")) step.check = read_check(*check, scope_, complaints_);
    if (const YamlEntry* think = node.find("think"); think && may_think_) {
      if (const auto time = read_think(*think, complaints_)) step.think = *time;
    }
    if (const YamlEntry* capture = node.find("capture")) read_captures(*capture, step);
    return name;
  }

  // `METHOD path`. Returns the name that the step has unless it is given one.
  std::optional<std::string> read_request(const YamlNode& node, Step& step) {
    const std::string_view text = trimmed(node.text);
    const auto lead = static_cast<std::size_t>(text.data() - node.text.data());
    const auto space = text.find_first_of(" \t");
    if (space == std::string_view::npos) {
      complaints_.add(node.at, "expected a method and a path, as in GET /health, not '{}'", shown(text));
      return std::nullopt;
    }
    step.method = text.substr(0, space);
    if (const auto problem = problem_of_method(step.method)) complaints_.add(node.at, "{}", *problem);
    const std::string_view path = trimmed(text.substr(space));
    const auto offset = lead + static_cast<std::size_t>(path.data() - text.data());
    step.path = read_template(node, offset, path, scope_, Escaping::percent, complaints_);
    if (const auto problem = problem_of_path(skeleton(step.path, "x")))
      complaints_.add(position_within(node, offset), "{}", *problem);
    if (defaults_.budget->take(text.size())) step.name = fmt::format("{} {}", step.method, path);
    return step.name;
  }

  void read_headers_of(const HeaderSource& headers, Step& step) {
    for (const YamlEntry& entry : headers) {
      Template value = read_template(*entry.value, scope_, Escaping::header_value, complaints_);
      if (const auto problem = problem_of_header_value(skeleton(value, "")))
        complaints_.add(place_of(entry), "{}: {}", entry.key, *problem);
      step.headers.emplace_back(entry.key, std::move(value));
    }
  }

  void read_body(const YamlNode& node, Step& step) {
    const YamlEntry* json = node.find("json");
    const YamlEntry* body = node.find("body");
    if (json && body) {
      complaints_.add(body->key_at, "a step has 'json' or 'body', not both; take one away");
    } else if (json) {
      step.body = read_json(*json->value, scope_, complaints_);
      step.has_body = true;
      const bool has_type = std::any_of(step.headers.begin(), step.headers.end(), [](const auto& header) {
        return same_header_name(header.first, "Content-Type");
      });
      if (!has_type) {
        Template type;
        append_literal(type, "application/json");
        step.headers.emplace_back("Content-Type", std::move(type));
      }
    } else if (body) {
      if (!read_text(*body, "body: a=1&b=2 (for JSON there is the key 'json')", complaints_)) return;
      step.body = read_template(*body->value, scope_, Escaping::none, complaints_);
      step.has_body = true;
    }
  }

  static constexpr std::size_t kEntryBytes = 100;

  void read_captures(const YamlEntry& entry, Step& step) {
    const YamlNode* map = read_map(entry, "a map of variables to JSON pointers, as in {id: /items/0/id}", complaints_);
    if (!map) return;
    for (const YamlEntry& capture : map->entries) {
      if (!defaults_.budget->take(kEntryBytes + capture.value->text.size())) return;
      if (!is_variable_name(capture.key)) {
        complaints_.add(capture.key_at, "capture: '{}' is not the name of a variable (letters, digits and '_')",
                        shown(capture.key));
        continue;
      }
      if (scope_.variables.count(capture.key) > 0) {
        complaints_.add(capture.key_at, "capture: '{}' is a constant under 'variables' already; name one of them anew",
                        capture.key);
        continue;
      }
      // The variable exists even if its source is wrong: one mistake, one complaint.
      Capture read = read_capture(capture, scope_, complaints_);
      read.slot = slot_of(capture);
      step.captures.push_back(std::move(read));
    }
  }

  std::size_t slot_of(const YamlEntry& capture) {
    if (!slots_.find(capture.key) && captured_++ == kMostCaptures)
      complaints_.add(capture.key_at, "capture: a journey has at most {} variables, as every user holds them all",
                      kMostCaptures);
    return slots_.captured(capture.key);
  }

  const StepDefaults& defaults_;
  bool may_think_;
  std::vector<Step>& steps_;
  Complaints& complaints_;
  Slots slots_;
  Scope scope_;
  std::size_t captured_ = 0;  // variables
};

constexpr std::string_view kStepsExample = "a list of steps, each as in GET /health";

const YamlEntry* group_of(const YamlNode& node) {
  return node.kind == YamlNode::Kind::map ? node.find("group") : nullptr;
}

std::vector<YamlPointer> steps_of_group(const YamlNode& group, Complaints& complaints) {
  refuse_unknown_keys(group, "a group", {"group", "steps"}, complaints);
  const YamlEntry* steps = group.find("steps");
  if (!steps) {
    complaints.add(group.at, "this group has no 'steps'; write {}", kStepsExample);
    return {};
  }
  const YamlNode* list = read_list(*steps, kMostSteps, kStepsExample, complaints);
  if (!list) return {};
  if (list->items.empty()) complaints.add(list->at, "steps: expected {}, not an empty list", kStepsExample);
  std::vector<YamlPointer> items;
  for (const YamlPointer& step : list->items) {
    if (const YamlEntry* inner = group_of(*step)) {
      complaints.add(inner->key_at, "a group can't hold another; put it behind this one");
    } else {
      items.push_back(step);
    }
  }
  return items;
}

void read_steps(const YamlEntry& entry, const StepDefaults& defaults, Journey& journey, Names& names,
                Complaints& complaints) {
  const YamlNode* list = read_list(entry, kMostSteps, kStepsExample, complaints);
  if (!list) return;
  if (list->items.empty()) complaints.add(list->at, "{}: expected {}, not an empty list", entry.key, kStepsExample);
  StepReader reader(defaults, true, journey.steps, complaints);
  const std::size_t names_before = names.steps.size();
  const auto read_step = [&](const YamlNode& node) {
    if (auto name = reader.read(node)) names.steps.push_back(std::move(*name));
  };
  for (const YamlPointer& item : list->items) {
    const YamlEntry* group = group_of(*item);
    if (!group) {
      read_step(*item);
      continue;
    }
    const std::size_t first = journey.steps.size();
    for (const YamlPointer& step : steps_of_group(*item, complaints)) read_step(*step);
    const auto name = read_step_name(*group, complaints);
    if (!name) continue;
    names.groups.push_back(*name);
    if (journey.steps.size() > first) journey.groups.push_back({*name, first, journey.steps.size()});
  }
  journey.variables = reader.slots().names();
  journey.fill = reader.slots().fill();
  // Said of the list that goes beyond it, not of each one behind.
  if (names_before <= kMostSteps && names.steps.size() > kMostSteps)
    complaints.add(list->at, "{}: {} steps are too many; a test has at most {}", entry.key, names.steps.size(),
                   kMostSteps);
}

void read_weight(const YamlEntry& entry, double& weight, Complaints& complaints) {
  constexpr double kMost = 1e6;  // beyond it the other journeys would never come to pass
  const auto text = read_text(entry, "weight: 3", complaints);
  if (!text) return;
  const auto number = split_quantity(*text);
  if (number && number->unit.empty() && number->number > 0 && number->number <= kMost) {
    weight = number->number;
  } else {
    complaints.add(place_of(entry), "weight: expected a number above 0 and up to 1000000, as in 3 or 0.5, not '{}'",
                   shown(*text));
  }
}

Journey read_journey(const YamlNode& node, std::size_t index, const StepDefaults& of_test, Names& names,
                     Complaints& complaints) {
  Journey journey;
  journey.name = fmt::format("journey {}", index + 1);
  if (node.kind != YamlNode::Kind::map) {
    complaints.add(node.at, "a journey is a map with 'steps', and 'name' and 'weight' if wanted");
    return journey;
  }
  refuse_unknown_keys(node, "a journey", {"name", "weight", "think", "pacing", "variables", "steps"}, complaints);
  StepDefaults defaults = of_test;
  if (const YamlEntry* name = node.find("name")) journey.name = read_name(*name, complaints).value_or(journey.name);
  if (const YamlEntry* weight = node.find("weight")) read_weight(*weight, journey.weight, complaints);
  if (const YamlEntry* think = node.find("think"))
    defaults.think = read_think(*think, complaints).value_or(defaults.think);
  journey.pacing = defaults.pacing;
  if (const YamlEntry* pacing = node.find("pacing"))
    journey.pacing = read_think(*pacing, complaints).value_or(defaults.pacing);
  if (const YamlEntry* variables = node.find("variables"))
    read_variables(*variables, *defaults.outside, defaults.variables, complaints);
  if (const YamlEntry* steps = node.find("steps")) {
    read_steps(*steps, defaults, journey, names, complaints);
  } else {
    complaints.add(node.at, "this journey has no 'steps'; write {}", kStepsExample);
  }
  return journey;
}

}  // namespace

std::vector<Journey> read_journeys(const YamlEntry& entry, const StepDefaults& defaults, Names& names,
                                   Complaints& complaints) {
  std::vector<Journey> journeys;
  if (entry.key == "steps") {
    journeys.emplace_back();
    journeys.back().name = "journey 1";
    journeys.back().pacing = defaults.pacing;
    read_steps(entry, defaults, journeys.back(), names, complaints);
    return journeys;
  }
  constexpr std::string_view kExample = "a list of journeys, each a map with 'steps'";
  const YamlNode* list = read_list(entry, kMostJourneys, kExample, complaints);
  if (!list) return journeys;
  if (list->items.empty()) complaints.add(list->at, "journeys: expected {}, not an empty list", kExample);
  for (const YamlPointer& item : list->items) {
    journeys.push_back(read_journey(*item, journeys.size(), defaults, names, complaints));
  }
  return journeys;
}

Errand read_errand(const YamlEntry& entry, const StepDefaults& of_test, Complaints& complaints) {
  Errand errand;
  errand.variables = of_test.captured;
  const YamlNode* list = read_list(entry, kMostSteps, kStepsExample, complaints);
  if (!list) return errand;
  if (list->items.empty()) complaints.add(list->at, "{}: expected {}, not an empty list", entry.key, kStepsExample);
  StepDefaults defaults = of_test;
  defaults.think = Delay{};
  StepReader reader(defaults, false, errand.steps, complaints);
  for (const YamlPointer& item : list->items) {
    if (const YamlEntry* group = group_of(*item)) {
      complaints.add(group->key_at,
                     "a group is of a journey's steps; those of '{}' are counted apart, and are not timed "
                     "as a whole",
                     entry.key);
    } else {
      reader.read(*item);
    }
  }
  errand.variables = reader.slots().names();
  errand.fill = reader.slots().fill();
  return errand;
}

void read_headers(const YamlEntry& entry, HeaderSource& into, Complaints& complaints) {
  const YamlNode* map = read_map(entry, "a map of names to values, as in {Accept: text/html}", complaints);
  if (!map) return;
  if (map->entries.size() > kMostHeaders)
    complaints.add(map->at, "headers: {} are too many; at most {} are sent", map->entries.size(), kMostHeaders);
  for (const YamlEntry& header : map->entries) {
    if (const auto problem = problem_of_header_name(header.key)) {
      complaints.add(header.key_at, "headers: {}", *problem);
      continue;
    }
    if (!read_text(header, "Accept: text/html", complaints)) continue;
    const auto known = std::find_if(into.begin(), into.end(),
                                    [&](const YamlEntry& other) { return same_header_name(other.key, header.key); });
    if (known == into.end()) {
      into.push_back(header);
    } else {
      *known = header;
    }
  }
}

}  // namespace loadlab
