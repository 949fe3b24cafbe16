// From the text of a plan to a Template: `$(name)` is a variable, `$$(` a literal `$(`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// A letter or '_', then letters, digits and '_'; at most 64.
bool is_variable_name(std::string_view name);

// What all requests of a plan may take together. Constants, defaults and aliases multiply: a file of 1 MB could
// otherwise ask for all the memory there is.
class TextBudget {
 public:
  static constexpr std::size_t kBytes = 64'000'000;

  // False once the plan has asked for more.
  bool take(std::size_t bytes) {
    exhausted_ = exhausted_ || bytes > left_;
    if (!exhausted_) left_ -= bytes;
    return !exhausted_;
  }
  bool exhausted() const { return exhausted_; }

 private:
  std::size_t left_ = kBytes;
  bool exhausted_ = false;
};

// The variables that a text may name, at one place of a journey.
struct Scope {
  std::map<std::string, std::string, std::less<>> constants;
  std::vector<std::string> captured;  // by slot: what steps before this one capture
  TextBudget* budget = nullptr;       // the plan's; never null where templates are read
};

// Replaces constants by their values, as if these were written there, and captured variables by their slots. What is
// wrong goes to `complaints`, with the place within the node where that is known; the result is then of no use. So it
// is when the scope's budget is exhausted: whoever owns the budget complains of that.
Template read_template(const YamlNode& node, const Scope& scope, Escaping escaping, Complaints& complaints);

// The same of a piece of a node's text, beginning at `offset` bytes in it.
Template read_template(const YamlNode& node, std::size_t offset, std::string_view text, const Scope& scope,
                       Escaping escaping, Complaints& complaints);

// Appends literal text, joining it to a literal before it.
void append_literal(Template& to, std::string_view text);
void append(Template& to, Template&& from);

// The literal text only, each variable replaced by `stand_in`: for checks of form.
std::string skeleton(const Template& of, std::string_view stand_in);

// Where the byte at `offset` of a scalar's text stands; the scalar's begin where that can't be said.
Position position_within(const YamlNode& node, std::size_t offset);

}  // namespace loadlab
