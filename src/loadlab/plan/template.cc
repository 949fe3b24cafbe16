#include "loadlab/plan/template.h"

#include <algorithm>

#include "base/nearest.h"

namespace loadlab {
namespace {

constexpr std::string_view kOpen = "$(";

std::string what_exists(std::string_view name, const Scope& scope) {
  std::vector<std::string_view> known;
  for (const auto& [constant, value] : scope.constants) known.push_back(constant);
  known.insert(known.end(), scope.captured.begin(), scope.captured.end());
  if (const auto meant = base::nearest(name, known)) return fmt::format("did you mean $({})?", *meant);
  if (known.empty()) return "no step before this one captures a variable; write $$( for a literal '$('";
  constexpr std::size_t kMostListed = 20;
  if (known.size() > kMostListed) known.resize(kMostListed);
  return fmt::format("known here: {}", fmt::join(known, ", "));
}

// Reads one text of a plan.
class TemplateReader {
 public:
  TemplateReader(const YamlNode& node, std::size_t offset, const Scope& scope, Escaping escaping,
                 Complaints& complaints)
      : node_(node), offset_(offset), scope_(scope), escaping_(escaping), complaints_(complaints) {}

  Template read(std::string_view text) {
    std::size_t done = 0;
    while (done < text.size() && !scope_.budget->exhausted()) {
      const std::size_t open = text.find(kOpen, done);
      if (open == std::string_view::npos) break;
      if (open > done && text[open - 1] == '$') {
        append_plain(text.substr(done, open - 1 - done));
        append_plain(kOpen);
        done = open + kOpen.size();
        continue;
      }
      append_plain(text.substr(done, open - done));
      const std::size_t close = text.find(')', open);
      if (close == std::string_view::npos) {
        complain(open, "'$(' without its ')'; write $(name), or $$( for a literal '$('");
        return std::move(result_);
      }
      const std::size_t name_at = open + kOpen.size();
      append_variable(text.substr(name_at, close - name_at), open);
      done = close + 1;
    }
    append_plain(text.substr(done));
    return std::move(result_);
  }

 private:
  void complain(std::size_t at, const std::string& what) {
    // Finding the place walks the text, which isn't worth it for a complaint that nobody will see.
    if (!complaints_.full()) complaints_.add(position_within(node_, offset_ + at), "{}", what);
  }

  void append_variable(std::string_view name, std::size_t at) {
    constexpr std::size_t kPieceBytes = sizeof(result_.pieces[0]);
    if (const auto constant = scope_.constants.find(name); constant != scope_.constants.end())
      return append_plain(constant->second);
    const auto captured = std::find(scope_.captured.begin(), scope_.captured.end(), name);
    if (captured != scope_.captured.end()) {
      const auto slot = static_cast<std::size_t>(captured - scope_.captured.begin());
      if (scope_.budget->take(kPieceBytes)) result_.pieces.emplace_back(Template::Variable{slot, escaping_});
    } else if (is_variable_name(name)) {
      complain(at, fmt::format("unknown variable '{}'; {}", shown(name), what_exists(name, scope_)));
    } else {
      complain(at,
               fmt::format("'{}' is not the name of a variable (letters, digits and '_'); write $$( for a literal '$('",
                           shown(name)));
    }
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
  const auto characters = std::count_if(before.begin(), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return {node.text_at.line, node.text_at.column + static_cast<int>(characters)};
}

Template read_template(const YamlNode& node, const Scope& scope, Escaping escaping, Complaints& complaints) {
  return read_template(node, 0, node.text, scope, escaping, complaints);
}

Template read_template(const YamlNode& node, std::size_t offset, std::string_view text, const Scope& scope,
                       Escaping escaping, Complaints& complaints) {
  return TemplateReader(node, offset, scope, escaping, complaints).read(text);
}

}  // namespace loadlab
