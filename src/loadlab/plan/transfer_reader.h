// Reads the keys of a step that say how its request, and the answer to it, travel.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/plan.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/yaml_tree.h"

namespace loadlab {

// What a test says of the transfers of all its steps.
struct Transfer {
  Http http{};
  int redirects = 0;
  bool compression = false;
  std::uint64_t max_body = kMaxBody;
  std::string folder{};  // which files of bodies are looked for in
};

// `redirects`, `compression`, `max_body`, `body_file`, `chunked`, `chunk_size` and `expect_continue`.
const std::vector<std::string_view>& transfer_keys();

// How many redirects are followed, and how many bytes an answer's body may have, as a test or a step says it.
std::optional<int> read_redirects(const YamlEntry& entry, Complaints& complaints);
std::optional<std::uint64_t> read_max_body(const YamlEntry& entry, Complaints& complaints);

// Sets what the test says, and what the step itself says, where it is a map, before that. The step has its headers
// already, and its body unless that is in a file.
void read_transfer(const YamlNode& node, const Transfer& of_test, TextBudget& budget, Step& step,
                   Complaints& complaints);

}  // namespace loadlab
