#include "loadlab/history/step_block.h"

#include <algorithm>
#include <optional>

#include "stats/histogram_log.h"

namespace loadlab {
namespace {

constexpr unsigned kBits = 7;
constexpr std::uint64_t kMore = 1U << kBits;
constexpr unsigned kWidest = 64;

void put_number(std::string& to, std::uint64_t number) {
  for (; number >= kMore; number >>= kBits) to += static_cast<char>(number % kMore + kMore);
  to += static_cast<char>(number);
}

void put_text(std::string& to, std::string_view text) {
  put_number(to, text.size());
  to += text;
}

// Takes one value after the other off the front; nothing where there is none.
std::optional<std::uint64_t> take_number(std::string_view& from) {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < kWidest && !from.empty(); shift += kBits) {
    const auto byte = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    number |= (byte % kMore) << shift;
    if (byte < kMore) return number;
  }
  return std::nullopt;
}

std::optional<std::string> take_text(std::string_view& from) {
  const auto size = take_number(from);
  if (!size || *size > from.size()) return std::nullopt;
  std::string text(from.substr(0, *size));
  from.remove_prefix(*size);
  return text;
}

}  // namespace

std::string encode_steps(std::span<const StepBlock> steps) {
  std::string bytes;
  for (const StepBlock& step : steps) {
    put_text(bytes, step.name);
    put_number(bytes, step.requests);
    put_number(bytes, step.errors);
    put_text(bytes, step.response);
  }
  return bytes;
}

base::Result<std::vector<StepBlock>> decode_steps(std::string_view bytes) {
  std::vector<StepBlock> steps;
  while (!bytes.empty()) {
    auto name = take_text(bytes);
    const auto requests = take_number(bytes);
    const auto errors = take_number(bytes);
    auto response = take_text(bytes);
    if (!name || !requests || !errors || !response)
      return base::fail(base::ErrorKind::corrupt, "what is remembered of a test's steps can't be read");
    steps.push_back({std::move(*name), *requests, *errors, std::move(*response)});
  }
  return steps;
}

base::Result<std::string> merge_steps(std::string_view earlier, std::string_view later) {
  auto steps = decode_steps(earlier);
  if (!steps) return base::pass_on(steps);
  auto more = decode_steps(later);
  if (!more) return base::pass_on(more);
  for (StepBlock& one : *more) {
    const auto same =
        std::find_if(steps->begin(), steps->end(), [&](const StepBlock& step) { return step.name == one.name; });
    if (same == steps->end()) {
      steps->push_back(std::move(one));
      continue;
    }
    auto times = stats::decode_histogram(same->response);
    if (!times) return base::pass_on(times);
    const auto later_times = stats::decode_histogram(one.response);
    if (!later_times) return base::pass_on(later_times);
    times->merge(*later_times);
    same->response = stats::encode_histogram(*times);
    same->requests += one.requests;
    same->errors += one.errors;
  }
  return encode_steps(*steps);
}

}  // namespace loadlab
