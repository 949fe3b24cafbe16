#include "costagent/domain/provider.h"

#include <algorithm>
#include <iterator>

#include "costagent/domain/same_word.h"

namespace costagent {
std::vector<std::string_view> provider_spellings(std::string_view asked) {
  // As seen in FOCUS exports of the clouds, in the specification's examples, and in the paths of this agent's API.
  static const std::vector<std::vector<std::string_view>> kClouds = {
      {"AWS", "Amazon Web Services", "Amazon Web Services, Inc.", "Amazon", "aws"},
      {"Google Cloud", "Google Cloud Platform", "GCP", "Google", "Google LLC", "gcp"},
      {"Microsoft", "Microsoft Azure", "Azure", "Microsoft Corporation", "azure"},
      {"Vultr", "vultr"},
  };
  std::vector<std::string_view> spellings{asked};
  for (const auto& names : kClouds) {
    if (std::none_of(names.begin(), names.end(), [&](std::string_view name) { return same_word(name, asked); })) {
      continue;
    }
    std::copy_if(names.begin(), names.end(), std::back_inserter(spellings),
                 [&](std::string_view name) { return name != asked; });
  }
  return spellings;
}

}  // namespace costagent
