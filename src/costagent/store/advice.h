// What the stores of recommendations share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "costagent/domain/recommendation.h"

namespace costagent {

// All but status and creation are the same, so that there is nothing to write.
bool same_advice(const Recommendation& a, const Recommendation& b);

// Evidence as one text; its sentences hold no line ends.
std::string join_sentences(const std::vector<std::string>& sentences);
std::vector<std::string> split_sentences(std::string_view text);

}  // namespace costagent
