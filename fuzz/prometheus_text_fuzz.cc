// A service's page of metrics: what no person wrote.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "loadlab/probe/prometheus_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto samples = loadlab::parse_exposition(text);
  if (!samples) return 0;
  for (const loadlab::ExposedSample& sample : *samples) {
    // All that was found lies within what was given.
    if (sample.name.empty() || sample.name.data() < text.data() ||
        sample.name.data() + sample.name.size() > text.data() + text.size())
      std::abort();
    if (sample.labels.size() > 64) std::abort();
  }
  return 0;
}
