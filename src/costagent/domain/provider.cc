#include "costagent/domain/provider.h"

#include <algorithm>
#include <iterator>

#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

// As seen in FOCUS exports of the clouds, in the specification's examples, and in the paths of this agent's API.
const std::vector<std::vector<std::string_view>>& clouds() {
  static const std::vector<std::vector<std::string_view>> kClouds = {
      {"AWS", "Amazon Web Services", "Amazon Web Services, Inc.", "Amazon", "aws"},
      {"Google Cloud", "Google Cloud Platform", "GCP", "Google", "Google LLC", "gcp"},
      {"Microsoft", "Microsoft Azure", "Azure", "Microsoft Corporation", "azure"},
      {"Vultr", "vultr"},
  };
  return kClouds;
}

const std::vector<std::string_view>* names_of_cloud(std::string_view name) {
  for (const auto& names : clouds()) {
    const auto same = [&](std::string_view known) { return same_word(known, name); };
    if (std::any_of(names.begin(), names.end(), same)) return &names;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string_view> provider_spellings(std::string_view asked) {
  std::vector<std::string_view> spellings{asked};
  if (const auto* names = names_of_cloud(asked)) {
    std::copy_if(names->begin(), names->end(), std::back_inserter(spellings),
                 [&](std::string_view name) { return name != asked; });
  }
  return spellings;
}

std::string_view usual_name(std::string_view provider) {
  const auto* names = names_of_cloud(provider);
  return names != nullptr ? names->front() : provider;
}

}  // namespace costagent
