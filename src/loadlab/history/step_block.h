// What a block remembers of each step of a journey.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loadlab {

struct StepBlock {
  std::string name;
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;
  std::string response;  // as a block's
};

// One behind the other, in a few bytes besides names and times: numbers are LEB128.
std::string encode_steps(std::span<const StepBlock> steps);
// Fails with `corrupt` on what `encode_steps` didn't write. Of an empty text none.
base::Result<std::vector<StepBlock>> decode_steps(std::string_view bytes);

// Two stretches of time become one; a step may be in either. Fails with `corrupt`.
base::Result<std::string> merge_steps(std::string_view earlier, std::string_view later);

}  // namespace loadlab
