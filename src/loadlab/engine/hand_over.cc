#include "loadlab/engine/hand_over.h"

namespace loadlab {

HandOver::HandOver(std::size_t workers, RecorderShape shape) {
  for (std::size_t i = 0; i < 3 * workers; ++i) empty_.push_back(std::make_unique<Recorder>(shape));
}

std::unique_ptr<Recorder> HandOver::take_empty() {
  const std::lock_guard lock(mutex_);
  if (empty_.empty()) return nullptr;
  auto recorder = std::move(empty_.back());
  empty_.pop_back();
  return recorder;
}

void HandOver::deliver(Delivery delivery) {
  {
    const std::lock_guard lock(mutex_);
    deliveries_.push_back(std::move(delivery));
  }
  arrived_.notify_one();
}

std::optional<Delivery> HandOver::receive(base::Nanoseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_for(lock, timeout, [this] { return !deliveries_.empty(); })) return std::nullopt;
  Delivery delivery = std::move(deliveries_.front());
  deliveries_.pop_front();
  return delivery;
}

void HandOver::give_back(std::unique_ptr<Recorder> recorder) {
  recorder->clear();
  const std::lock_guard lock(mutex_);
  empty_.push_back(std::move(recorder));
}

}  // namespace loadlab
