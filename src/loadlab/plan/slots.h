// The variables of one journey, or errand, that have a value of their own for each user, numbered as its texts come to
// name them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "loadlab/plan/plan.h"

namespace loadlab {

// Every user holds all of its journey's.
inline constexpr std::size_t kMostSlots = 200;

class Slots {
 public:
  // `inherited`: those of a set-up before it, which keep their slots. Only what the set-up captured can be named: rows
  // and what is drawn are for each journey anew.
  explicit Slots(std::vector<std::string> inherited);

  // By slot. What no text can name has none.
  const std::vector<std::string>& names() const { return names_; }
  const Fill& fill() const { return fill_; }
  std::optional<std::size_t> find(std::string_view name) const;

  // Whether there may be another.
  bool full() const { return names_.size() >= kMostSlots; }

  // A variable that an answer's value goes into: the known one of that name, or a new one.
  std::size_t captured(std::string_view name);
  // One that a source's column goes into at the journey's begin. `name` is `SOURCE.COLUMN`.
  std::size_t of_row(std::string_view name, std::size_t source, std::size_t column);
  // One that is drawn at the journey's begin.
  std::size_t of_iteration(std::string_view name, Recipe recipe);
  // One that is drawn for a step's request. Steps share these, as they are gone when the request is sent.
  std::size_t of_step(Recipe recipe);

  // What the step that ends here draws. The next begins.
  std::vector<Draw> end_step();

 private:
  std::size_t add(std::string_view name);

  std::vector<std::string> names_;
  Fill fill_;
  std::vector<Draw> draws_;            // of the step at hand
  std::vector<std::size_t> of_steps_;  // the slots for such
};

}  // namespace loadlab
