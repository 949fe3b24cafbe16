#include "loadlab/plan/slots.h"

#include <algorithm>
#include <utility>

#include "loadlab/plan/template.h"

namespace loadlab {

Slots::Slots(std::vector<std::string> inherited) : names_(std::move(inherited)) {
  for (std::string& name : names_) {
    if (!is_variable_name(name)) name.clear();
  }
}

std::optional<std::size_t> Slots::find(std::string_view name) const {
  if (name.empty()) return std::nullopt;
  const auto known = std::find(names().begin(), names().end(), name);
  if (known == names().end()) return std::nullopt;
  return static_cast<std::size_t>(known - names().begin());
}

std::size_t Slots::add(std::string_view name) {
  names_.emplace_back(name);
  return names_.size() - 1;
}

std::size_t Slots::captured(std::string_view name) {
  const auto known = find(name);
  return known ? *known : add(name);
}

std::size_t Slots::of_row(std::string_view name, std::size_t source, std::size_t column) {
  if (const auto known = find(name)) return *known;
  const std::size_t slot = add(name);
  auto use = std::find_if(fill_.rows.begin(), fill_.rows.end(),
                          [source](const RowUse& other) { return other.source == source; });
  if (use == fill_.rows.end()) use = fill_.rows.insert(use, RowUse{source, {}});
  use->values.push_back({slot, column});
  return slot;
}

std::size_t Slots::of_iteration(std::string_view name, Recipe recipe) {
  if (const auto known = find(name)) return *known;
  const std::size_t slot = add(name);
  fill_.draws.emplace_back(slot, std::move(recipe));
  return slot;
}

std::size_t Slots::of_step(Recipe recipe) {
  // No text can name it.
  if (draws_.size() == of_steps_.size()) of_steps_.push_back(add(""));
  const std::size_t slot = of_steps_[draws_.size()];
  draws_.emplace_back(slot, std::move(recipe));
  return slot;
}

std::vector<Draw> Slots::end_step() { return std::exchange(draws_, {}); }

}  // namespace loadlab
