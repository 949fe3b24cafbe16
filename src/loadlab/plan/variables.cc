#include "loadlab/plan/variables.h"

#include <algorithm>

#include "base/nearest.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/text_cutter.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t kMostVariables = 100;
constexpr std::size_t kLongestConstant = 8000;  // as long as a header may be: a token is the longest of them
constexpr std::string_view kNameRule = "letters, digits and '_'";

// Cuts a value into literals and what is drawn.
std::optional<CallProblem> read_value_pieces(std::string_view text, std::vector<PlanVariable::Piece>& pieces) {
  TextCutter cutter(text);
  for (TextPiece piece; cutter.next(piece);) {
    if (piece.kind == TextPiece::Kind::literal) {
      pieces.emplace_back(std::string(piece.text));
    } else if (piece.kind == TextPiece::Kind::call) {
      auto recipe = parse_call(piece.text);
      if (!recipe) return CallProblem{piece.at + recipe.error().offset, recipe.error().what};
      pieces.emplace_back(std::move(*recipe));
    } else {
      return CallProblem{piece.at - kReference.size(),
                         "a constant can't hold another variable; write $$( for a literal '$('"};
    }
  }
  return std::nullopt;
}

class VariableReader {
 public:
  VariableReader(const YamlEntry& entry, OutsideVariables& outside, Complaints& complaints)
      : entry_(entry), outside_(outside), complaints_(complaints) {}

  PlanVariable read() {
    if (entry_.value->kind == YamlNode::Kind::map) {
      read_map_form(*entry_.value);
    } else {
      read_value(entry_);
    }
    if (variable_.secret) note_secret(*entry_.value);
    if (const std::string* given = outside_.given(entry_.key)) {
      variable_.text = *given;
      variable_.pieces.clear();
    }
    if (variable_.text.size() > kLongestConstant)
      complaints_.add(place_of(entry_), "{}: a constant is at most {} bytes long", entry_.key, kLongestConstant);
    return std::move(variable_);
  }

 private:
  void read_map_form(const YamlNode& map) {
    refuse_unknown_keys(map, "a variable", {"value", "env", "default", "secret"}, complaints_);
    const YamlEntry* value = map.find("value");
    const YamlEntry* env = map.find("env");
    if ((value == nullptr) == (env == nullptr)) {
      complaints_.add(map.at, "{}: a variable has a 'value', or an 'env' that names one of the environment",
                      entry_.key);
      return;
    }
    // What stands in the environment mostly stands there because nobody shall read it.
    variable_.secret = env != nullptr;
    if (const YamlEntry* secret = map.find("secret"))
      variable_.secret = read_boolean(*secret, complaints_).value_or(true);
    const YamlEntry* fallback = map.find("default");
    if (value != nullptr) {
      if (fallback != nullptr)
        complaints_.add(fallback->key_at, "default: belongs to 'env'; beside a 'value' it is never used");
      read_value(*value);
    } else {
      read_environment(*env, fallback);
    }
  }

  // All that the file has for it, used or not.
  void note_secret(const YamlNode& map) {
    outside_.note_secret(entry_.key, "");
    for (const char* key : {"value", "default"}) {
      const YamlEntry* text = map.find(key);
      if (text != nullptr && text->value->kind == YamlNode::Kind::scalar)
        outside_.note_secret(entry_.key, text->value->text);
    }
  }

  void read_environment(const YamlEntry& env, const YamlEntry* fallback) {
    const auto name = read_text(env, "env: API_TOKEN", complaints_);
    if (!name) return;
    std::optional<std::string> otherwise;
    if (fallback != nullptr) otherwise = read_text(*fallback, "default: none", complaints_);
    if (outside_.given(entry_.key) != nullptr) return;
    const auto set = outside_.environment(*name);
    if (!set && fallback == nullptr) {
      complaints_.add(place_of(env),
                      "{}: the environment has no '{}'; set it, give -e {}=VALUE, or write a 'default' beside 'env'",
                      entry_.key, shown(*name), entry_.key);
    }
    variable_.text = set ? *set : otherwise.value_or("");
  }

  void read_value(const YamlEntry& entry) {
    const auto text = read_text(entry, "customer: acme", complaints_);
    if (!text) return;
    std::vector<PlanVariable::Piece> pieces;
    const auto problem = read_value_pieces(*text, pieces);
    if (problem) complaints_.add(position_within(*entry.value, problem->offset), "{}: {}", entry_.key, problem->what);
    const bool is_drawn = std::any_of(pieces.begin(), pieces.end(), [](const PlanVariable::Piece& piece) {
      return std::holds_alternative<Recipe>(piece);
    });
    if (is_drawn) {
      variable_.pieces = std::move(pieces);
    } else {
      for (const PlanVariable::Piece& piece : pieces) variable_.text += std::get<std::string>(piece);
    }
  }

  const YamlEntry& entry_;
  OutsideVariables& outside_;
  Complaints& complaints_;
  PlanVariable variable_;
};

}  // namespace

OutsideVariables::OutsideVariables(const Overrides& overrides) : overrides_(overrides) {
  for (const auto& [name, value] : overrides.variables) given_[name] = value;
}

const std::string* OutsideVariables::given(const std::string& name) const {
  const auto found = given_.find(name);
  return found == given_.end() ? nullptr : &found->second;
}

std::optional<std::string> OutsideVariables::environment(const std::string& name) const {
  return overrides_.environment ? overrides_.environment(name) : std::nullopt;
}

void OutsideVariables::note_use(std::string_view name) {
  note_known(name);
  ++uses_[std::string(name)];
}

std::size_t OutsideVariables::uses(std::string_view name) const {
  const auto found = uses_.find(name);
  return found == uses_.end() ? 0 : found->second;
}

Variables OutsideVariables::all_given() const {
  Variables all;
  for (const auto& [name, value] : given_) all[name].text = value;
  return all;
}

base::Result<> OutsideVariables::check_known() const {
  for (const auto& [name, value] : given_) {
    if (known_.count(name) > 0) continue;
    const std::vector<std::string_view> known(known_.begin(), known_.end());
    const auto meant = base::nearest(name, known);
    return fail(ErrorKind::invalid, "-e: the plan names no variable '{}'{}", name,
                meant ? fmt::format("; did you mean '{}'?", *meant) : "");
  }
  return {};
}

void read_variables(const YamlEntry& entry, OutsideVariables& outside, Variables& into, Complaints& complaints) {
  const YamlNode* map = read_map(entry, "a map of names to values, as in {customer: acme}", complaints);
  if (!map) return;
  if (map->entries.size() > kMostVariables)
    complaints.add(map->at, "variables: {} are too many; at most {} are taken", map->entries.size(), kMostVariables);
  for (const YamlEntry& variable : map->entries) {
    if (!is_variable_name(variable.key)) {
      complaints.add(variable.key_at, "variables: '{}' is not the name of a variable ({})", shown(variable.key),
                     kNameRule);
      continue;
    }
    outside.note_known(variable.key);
    into[variable.key] = VariableReader(variable, outside, complaints).read();
  }
}

base::Result<std::pair<std::string, std::string>> parse_variable(std::string_view text) {
  // The value may be a secret, and so may be all of a text without a name: neither is shown.
  const auto equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (equals == std::string_view::npos) return fail(ErrorKind::invalid, "expected NAME=VALUE, as in customer=acme");
  if (!is_variable_name(name))
    return fail(ErrorKind::invalid, "what stands before the '=' is not the name of a variable ({})", kNameRule);
  if (text.size() - equals - 1 > kLongestConstant)
    return fail(ErrorKind::invalid, "{}: a value is at most {} bytes long", name, kLongestConstant);
  return std::pair(std::string(name), std::string(text.substr(equals + 1)));
}

}  // namespace loadlab
