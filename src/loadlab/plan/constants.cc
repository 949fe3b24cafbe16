#include "loadlab/plan/constants.h"

#include <algorithm>
#include <array>

#include "base/nearest.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/text_cutter.h"

namespace loadlab {
namespace {

// What stands under these is read by rules of its own.
constexpr auto kOwnRules = std::to_array<std::string_view>(
    {"name",   "tags",      "variables",  "ports",         "data",   "headers",  "steps",   "journeys",
     "setup",  "teardown",  "user_setup", "user_teardown", "before", "after",    "start",   "at",
     "verify", "benchmark", "sweep",      "compare",       "tests",  "defaults", "include", "suite"});

// `start` is a list of processes, or, of a load, a duration.
bool has_own_rules(const YamlEntry& entry) {
  if (entry.key == "start" && entry.value->kind == YamlNode::Kind::scalar) return false;
  return std::find(kOwnRules.begin(), kOwnRules.end(), entry.key) != kOwnRules.end();
}

bool names_something(const YamlNode& node) {
  return node.kind == YamlNode::Kind::scalar && node.text.find(kReference) != std::string::npos;
}

YamlPointer with_text(const YamlNode& node, std::string text) {
  auto copy = std::make_shared<YamlNode>(node);
  copy->text = std::move(text);
  // What it says stands nowhere in the file, so that no place within it can be shown.
  copy->verbatim = false;
  copy->text_at = node.at;
  return copy;
}

}  // namespace

std::string Constants::value_of(std::string_view name, Position place) const {
  outside_.note_use(name);
  const auto found = variables_.find(name);
  if (found != variables_.end() && found->second.pieces.empty()) return found->second.text;
  if (found != variables_.end()) {
    complaints_.add(place, "'{}' is drawn for each iteration; only a constant can stand here", shown(name));
    return "";
  }
  std::vector<std::string_view> known;
  for (const auto& [key, variable] : variables_) known.push_back(key);
  const auto meant = base::nearest(name, known);
  complaints_.add(place, "no constant is named '{}'{}; write $$( for a literal '$('", shown(name),
                  meant           ? fmt::format("; did you mean '{}'?", *meant)
                  : known.empty() ? ""
                                  : fmt::format(" (there are {})", fmt::join(known, ", ")));
  return "";
}

std::string Constants::replaced(const YamlNode& node, std::size_t from) const {
  // Whoever reads the text next may complain of it as well, and points to its begin: so do we, and come first.
  const std::size_t before = complaints_.size();
  std::string text = node.text.substr(0, from);
  TextCutter cutter(std::string_view(node.text).substr(from));
  for (TextPiece piece; cutter.next(piece);) {
    switch (piece.kind) {
      case TextPiece::Kind::literal:
        text += piece.text;
        break;
      case TextPiece::Kind::name:
        text += value_of(piece.text, node.at);
        break;
      case TextPiece::Kind::call:
      case TextPiece::Kind::unclosed:
        complaints_.add(node.at, "only a constant, as in $(name), can stand here; write $$( for a literal '$('");
    }
  }
  return complaints_.size() == before ? text : node.text;
}

YamlPointer Constants::in_threshold(const YamlPointer& node) const {
  if (node->kind == YamlNode::Kind::map) {
    auto copy = std::make_shared<YamlNode>(*node);
    for (YamlEntry& entry : copy->entries)
      entry.value = entry.key == "expect"   ? in_threshold(entry.value)
                    : entry.key == "reason" ? entry.value
                                            : in_node(entry.value);
    return copy;
  }
  if (!names_something(*node)) return node;
  const auto comparison = node->text.find_last_of("<>");
  if (comparison == std::string::npos || node->text.find(kReference, comparison) == std::string::npos) return node;
  return with_text(*node, replaced(*node, comparison));
}

YamlPointer Constants::in_list(const YamlPointer& list, bool thresholds) const {
  auto copy = std::make_shared<YamlNode>(*list);
  for (YamlPointer& item : copy->items) item = thresholds ? in_threshold(item) : in_node(item);
  return copy;
}

YamlPointer Constants::in_node(const YamlPointer& node) const {
  switch (node->kind) {
    case YamlNode::Kind::null:
      return node;
    case YamlNode::Kind::scalar:
      return names_something(*node) ? with_text(*node, replaced(*node, 0)) : node;
    case YamlNode::Kind::list:
      return in_list(node, false);
    case YamlNode::Kind::map:
      return in_map(*node);
  }
  return node;
}

YamlPointer Constants::in_map(const YamlNode& map) const {
  auto copy = std::make_shared<YamlNode>(map);
  for (YamlEntry& entry : copy->entries) {
    if (has_own_rules(entry)) continue;
    const bool thresholds = entry.key == "thresholds" && entry.value->kind == YamlNode::Kind::list;
    entry.value = thresholds ? in_list(entry.value, true) : in_node(entry.value);
  }
  return copy;
}

YamlEntry Constants::in_entry(const YamlEntry& entry) const {
  return {entry.key, entry.key_at, entry.value->kind == YamlNode::Kind::scalar ? in_node(entry.value) : entry.value};
}

std::string Constants::in_command(const YamlNode& node) const {
  const std::string_view text = node.text;
  std::string out;
  for (std::size_t done = 0; done < text.size();) {
    const std::size_t open = std::min(text.find(kReference, done), text.size());
    const bool escaped = open > done && open < text.size() && text[open - 1] == '$';
    out += text.substr(done, open - done - (escaped ? 1 : 0));
    done = open;
    if (open == text.size()) break;
    const std::size_t begin = open + kReference.size();
    const std::size_t close = text.find(')', begin);
    const std::string_view name =
        close == std::string_view::npos ? std::string_view() : text.substr(begin, close - begin);
    if (!escaped && is_variable_name(name)) {
      out += value_of(name, position_within(node, begin));
      done = close + 1;
    } else {
      out += kReference;
      done = begin;
    }
  }
  return out;
}

}  // namespace loadlab
