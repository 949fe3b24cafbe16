#include "loadlab/plan/template.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "loadlab/plan/text_cutter.h"

namespace loadlab {
namespace {

// "did you mean …?" or what there is.
std::string what_exists(std::string_view name, const std::vector<std::string_view>& known) {
  if (const auto meant = base::nearest(name, known)) return fmt::format("did you mean $({})?", *meant);
  constexpr std::size_t kMostListed = 20;
  const std::size_t listed = std::min(known.size(), kMostListed);
  return fmt::format("known here: {}",
                     fmt::join(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(listed), ", "));
}

std::vector<std::string_view> names_known(const Scope& scope) {
  std::vector<std::string_view> known;
  for (const auto& [name, variable] : scope.variables) known.push_back(name);
  for (const std::string& name : scope.slots->names()) {
    if (is_variable_name(name) && scope.variables.find(name) == scope.variables.end()) known.push_back(name);
  }
  return known;
}

std::string unknown_variable(std::string_view name, const Scope& scope) {
  const auto& functions = function_names();
  if (std::find(functions.begin(), functions.end(), name) != functions.end())
    return fmt::format("unknown variable '{}'; the function is called as $({}())", name, name);
  const auto known = names_known(scope);
  if (known.empty())
    return fmt::format(
        "unknown variable '{}'; no step before this one captures a variable; write $$( for a literal '$('",
        shown(name));
  return fmt::format("unknown variable '{}'; {}", shown(name), what_exists(name, known));
}

std::string unknown_source(std::string_view name, const Scope& scope) {
  if (name == "env") return "the environment is read by 'variables', as in {token: {env: API_TOKEN}}";
  if (scope.data.by_name.empty())
    return fmt::format("unknown data '{}'; name its file under 'data', as in {{users: users.csv}}", shown(name));
  std::vector<std::string_view> known;
  for (const auto& [source, index] : scope.data.by_name) known.push_back(source);
  if (const auto meant = base::nearest(name, known))
    return fmt::format("unknown data '{}'; did you mean '{}'?", shown(name), *meant);
  return fmt::format("unknown data '{}'; there are {}", shown(name), fmt::join(known, ", "));
}

std::string unknown_column(std::string_view column, const DataSource& source) {
  const auto& columns = source.table->columns();
  const std::vector<std::string_view> known(columns.begin(), columns.end());
  if (const auto meant = base::nearest(column, known))
    return fmt::format("'{}' has no column '{}'; did you mean '{}'?", source.name, shown(column), shown(*meant));
  return fmt::format("'{}' has no column '{}'; it has {}", source.name, shown(column),
                     shown(fmt::format("{}", fmt::join(known, ", "))));
}

// Reads one text of a plan.
class TemplateReader {
 public:
  TemplateReader(const YamlNode& node, std::size_t offset, const Scope& scope, Escaping escaping,
                 Complaints& complaints)
      : node_(node), offset_(offset), scope_(scope), escaping_(escaping), complaints_(complaints) {}

  Template read(std::string_view text) {
    TextCutter cutter(text);
    for (TextPiece piece; !scope_.budget->exhausted() && cutter.next(piece);) {
      switch (piece.kind) {
        case TextPiece::Kind::literal:
          append_plain(piece.text);
          break;
        case TextPiece::Kind::name:
          append_named(piece.text, piece.at);
          break;
        case TextPiece::Kind::call:
          append_call(piece.text, piece.at);
          break;
        case TextPiece::Kind::unclosed:
          complain(piece.at - kReference.size(), "'$(' without its ')'; write $(name), or $$( for a literal '$('");
          break;
      }
    }
    return std::move(result_);
  }

 private:
  void complain(std::size_t at, const std::string& what) {
    // Finding the place walks the text, which isn't worth it for a complaint that nobody will see.
    if (!complaints_.full()) complaints_.add(position_within(node_, offset_ + at), "{}", what);
  }

  void append_named(std::string_view name, std::size_t at) {
    const std::size_t open = at - kReference.size();
    if (const auto variable = scope_.variables.find(name); variable != scope_.variables.end())
      return append_variable(variable->first, variable->second, open);
    if (const auto slot = scope_.slots->find(name)) return append_slot(*slot);
    if (const auto dot = name.find('.'); dot != std::string_view::npos && is_variable_name(name.substr(0, dot)))
      return append_column(name, dot, open);
    complain(open, is_variable_name(name)
                       ? unknown_variable(name, scope_)
                       : fmt::format("'{}' is not the name of a variable (letters, digits and '_'); write $$( for a "
                                     "literal '$('",
                                     shown(name)));
  }

  void append_variable(const std::string& name, const PlanVariable& variable, std::size_t at) {
    scope_.outside->note_use(name);
    if (variable.secret && variable.pieces.empty()) return append_secret(variable.text);
    if (variable.pieces.empty()) return append_plain(variable.text);
    // Each has a slot under a name that no text can write.
    for (std::size_t i = 0; i < variable.pieces.size(); ++i) {
      if (const auto* literal = std::get_if<std::string>(&variable.pieces[i])) {
        append_plain(*literal);
      } else if (has_room(at)) {
        append_slot(scope_.slots->of_iteration(fmt::format("{}(){}", name, i), std::get<Recipe>(variable.pieces[i])));
      }
    }
  }

  void append_column(std::string_view name, std::size_t dot, std::size_t at) {
    const std::string_view column = name.substr(dot + 1);
    const auto known = scope_.data.by_name.find(name.substr(0, dot));
    if (known == scope_.data.by_name.end()) return complain(at, unknown_source(name.substr(0, dot), scope_));
    const DataSource& source = (*scope_.data.sources)[known->second];
    const auto& columns = source.table->columns();
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) return complain(at, unknown_column(column, source));
    if (!has_room(at)) return;
    append_slot(scope_.slots->of_row(name, known->second, static_cast<std::size_t>(found - columns.begin())));
  }

  void append_call(std::string_view call, std::size_t at) {
    auto recipe = parse_call(call);
    if (!recipe) return complain(at + recipe.error().offset, recipe.error().what);
    if (has_room(at)) append_slot(scope_.slots->of_step(std::move(*recipe)));
  }

  bool has_room(std::size_t at) {
    if (!scope_.slots->full()) return true;
    complain(at, fmt::format("a journey has at most {} variables, as every user holds them all", kMostSlots));
    return false;
  }

  void append_slot(std::size_t slot) {
    constexpr std::size_t kPieceBytes = sizeof(result_.pieces[0]);
    if (scope_.budget->take(kPieceBytes)) result_.pieces.emplace_back(Template::Variable{slot, escaping_});
  }

  void append_secret(std::string_view text) {
    if (!scope_.budget->take(text.size())) return;
    Template::Secret secret;
    append_escaped(secret.text, text, escaping_);
    result_.pieces.emplace_back(std::move(secret));
  }

  void append_plain(std::string_view text) {
    if (!scope_.budget->take(text.size())) return;
    // Only JSON needs it: paths, headers and texts are sent just as the plan's author wrote them.
    if (escaping_ != Escaping::json) return append_literal(result_, text);
    std::string escaped;
    append_escaped(escaped, text, escaping_);
    append_literal(result_, escaped);
  }

  const YamlNode& node_;
  std::size_t offset_;
  const Scope& scope_;
  Escaping escaping_;
  Complaints& complaints_;
  Template result_;
};

}  // namespace

bool is_variable_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && name.size() <= kLongest && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void append_literal(Template& to, std::string_view text) {
  if (text.empty()) return;
  if (to.pieces.empty() || !std::holds_alternative<std::string>(to.pieces.back()))
    to.pieces.emplace_back(std::string());
  std::get<std::string>(to.pieces.back()) += text;
}

void append(Template& to, Template&& from) {
  for (auto& piece : from.pieces) {
    if (const auto* literal = std::get_if<std::string>(&piece)) {
      append_literal(to, *literal);
    } else {
      to.pieces.push_back(std::move(piece));
    }
  }
}

std::string skeleton(const Template& of, std::string_view stand_in) {
  std::string text;
  for (const auto& piece : of.pieces) {
    const auto* literal = std::get_if<std::string>(&piece);
    text += literal ? std::string_view(*literal) : stand_in;
  }
  return text;
}

Position position_within(const YamlNode& node, std::size_t offset) {
  if (!node.verbatim) return node.at;
  const auto before = std::string_view(node.text).substr(0, offset);
  if (before.find('\n') != std::string_view::npos) return node.at;
  return behind(node.text_at, before);
}

Template read_template(const YamlNode& node, const Scope& scope, Escaping escaping, Complaints& complaints) {
  return read_template(node, 0, node.text, scope, escaping, complaints);
}

Template read_template(const YamlNode& node, std::size_t offset, std::string_view text, const Scope& scope,
                       Escaping escaping, Complaints& complaints) {
  return TemplateReader(node, offset, scope, escaping, complaints).read(text);
}

}  // namespace loadlab
