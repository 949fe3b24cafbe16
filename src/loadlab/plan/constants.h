// A plan's constants in texts that are no part of requests: scalars such as `duration: $(length)`, and commands.
#pragma once

#include <string>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/variables.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// Not thread-safe. What it is given must outlive it.
class Constants {
 public:
  Constants(const Variables& variables, OutsideVariables& outside, Complaints& complaints)
      : variables_(variables), outside_(outside), complaints_(complaints) {}

  // The same map with constants put into its scalars, but for the texts of requests (steps, headers and the like), of
  // commands and of variables, which are read by rules of their own. Of a threshold only the bound is replaced, since a
  // step's name may hold a variable. What is no constant is complained of.
  YamlPointer in_map(const YamlNode& map) const;

  // The same entry with constants put into its scalar; any other entry as it is.
  YamlEntry in_entry(const YamlEntry& entry) const;

  // The text of a command. `$(name)` is a constant, `$$(` a literal `$(`, and a `$(` that no name and `)` follow, as in
  // $(cat FILE), is the shell's. A name that is unknown is complained of.
  std::string in_command(const YamlNode& node) const;

 private:
  YamlPointer in_node(const YamlPointer& node) const;
  YamlPointer in_list(const YamlPointer& list, bool thresholds) const;
  YamlPointer in_threshold(const YamlPointer& node) const;
  // The text from `from` on with constants put in.
  std::string replaced(const YamlNode& node, std::size_t from) const;
  std::string value_of(std::string_view name, Position place) const;

  const Variables& variables_;
  OutsideVariables& outside_;
  Complaints& complaints_;
};

}  // namespace loadlab
