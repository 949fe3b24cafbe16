// A plan's `variables`, and what the command line and the environment say of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/generated.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

struct PlanVariable {
  using Piece = std::variant<std::string, Recipe>;

  std::string text;           // of a constant
  bool secret = false;        // no message may show the text
  std::vector<Piece> pieces;  // of one that is drawn for each iteration; a constant has none
};

using Variables = std::map<std::string, PlanVariable, std::less<>>;

// What is said of variables outside the plan; notes which of it the plan knows.
class OutsideVariables {
 public:
  // The overrides must outlive it.
  explicit OutsideVariables(const Overrides& overrides);

  // The value of `-e NAME=VALUE`; null where there is none.
  const std::string* given(const std::string& name) const;
  std::optional<std::string> environment(const std::string& name) const;

  std::optional<std::uint16_t> free_port() const {
    return overrides_.free_port ? overrides_.free_port() : std::nullopt;
  }

  // Those given, as constants that every text may name.
  Variables all_given() const;

  // A map of `variables` names it.
  void note_known(std::string_view name) { known_.emplace(name); }

  // A text names it: its value goes somewhere.
  void note_use(std::string_view name);
  std::size_t uses(std::string_view name) const;

  // A file holds this text for a variable that nobody may be shown.
  void note_secret(const std::string& name, const std::string& text) { secrets_.emplace_back(name, text); }
  const std::vector<std::pair<std::string, std::string>>& secrets() const { return secrets_; }

  // Fails (invalid) where a variable is given that the plan never names: a name mistyped would change nothing.
  base::Result<> check_known() const;

 private:
  const Overrides& overrides_;
  std::map<std::string, std::string> given_;
  std::set<std::string, std::less<>> known_;
  std::map<std::string, std::size_t, std::less<>> uses_;
  std::vector<std::pair<std::string, std::string>> secrets_;
};

// A map of names to values; what it names replaces what is in `into` already, and what is given outside wins over both.
void read_variables(const YamlEntry& entry, OutsideVariables& outside, Variables& into, Complaints& complaints);

}  // namespace loadlab
