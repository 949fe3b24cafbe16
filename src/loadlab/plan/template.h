// From the text of a plan to a Template: `$(name)` is a variable, `$(data.column)` a value of a row, `$(uuid())` one
// that is made, `$$(` a literal `$(`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/data_reader.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/slots.h"
#include "loadlab/plan/variables.h"
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

// What a text may name, at one place of a journey.
struct Scope {
  Variables variables;
  DataScope data;
  Slots* slots = nullptr;               // the journey's, with what steps before this one capture; never null
  OutsideVariables* outside = nullptr;  // told of the variables that texts name; never null
  TextBudget* budget = nullptr;         // the plan's; never null
};

// Replaces constants by their values, as if these were written there, and everything else by a slot of the journey,
// which what is drawn or taken of a row gets here. A secret is escaped for its place, so that no check of form has to
// see it. What is wrong goes to `complaints`, with the place within the node where that is known; the result is then of
// no use. So it is when the scope's budget is exhausted: whoever owns the budget complains of that.
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
