#include "costagent/store/remembered.h"

#include <mutex>

namespace costagent {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;
// About as much as a map's node and the string object in it take, beside the text.
constexpr std::size_t kTextBytes = 100;
// A slice with its node.
constexpr std::size_t kSliceBytes = 170;

}  // namespace

std::optional<std::string> RememberedTexts::find(std::int64_t id) const {
  const std::shared_lock lock(mutex_);
  const auto known = texts_.find(id);
  return known == texts_.end() ? std::nullopt : std::optional(known->second);
}

bool RememberedTexts::has(std::int64_t id) const {
  const std::shared_lock lock(mutex_);
  return texts_.contains(id);
}

void RememberedTexts::keep(std::int64_t id, std::string text) {
  const std::unique_lock lock(mutex_);
  if (bytes_ >= kMaxBytes) {
    texts_.clear();
    bytes_ = 0;
  }
  const std::size_t size = text.size() + kTextBytes;
  if (texts_.emplace(id, std::move(text)).second) bytes_ += size;
}

std::optional<SliceIds> RememberedSlices::find(std::int64_t id) const {
  const std::shared_lock lock(mutex_);
  const auto known = slices_.find(id);
  return known == slices_.end() ? std::nullopt : std::optional(known->second);
}

bool RememberedSlices::has(std::int64_t id) const {
  const std::shared_lock lock(mutex_);
  return slices_.contains(id);
}

void RememberedSlices::keep(std::int64_t id, const SliceIds& columns) {
  const std::unique_lock lock(mutex_);
  if (slices_.size() >= kMaxBytes / kSliceBytes) slices_.clear();
  slices_.emplace(id, columns);
}

}  // namespace costagent
