#include "loadlab/engine/arrival_schedule.h"

#include "base/random.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

// Arrivals dealt out in turn.
class Turn {
 public:
  explicit Turn(Share share) : share_(share) {}
  std::uint64_t next() {
    return static_cast<std::uint64_t>(share_.part) + count_++ * static_cast<std::uint64_t>(share_.parts);
  }

 private:
  Share share_;
  std::uint64_t count_ = 0;
};

class UniformArrivals final : public ArrivalSchedule {
 public:
  UniformArrivals(const LevelProfile& rate, Share share) : rate_(rate), turn_(share) {}
  Nanoseconds next() override { return rate_.when(static_cast<double>(turn_.next())); }

 private:
  const LevelProfile& rate_;
  Turn turn_;
};

class PoissonArrivals final : public ArrivalSchedule {
 public:
  PoissonArrivals(const LevelProfile& rate, Share share, std::uint64_t seed)
      : rate_(rate), share_(share), random_(base::mix(seed) ^ base::mix(static_cast<std::uint64_t>(share.part))) {}

  Nanoseconds next() override {
    due_ += random_.exponential() * share_.parts;
    return rate_.when(due_);
  }

 private:
  const LevelProfile& rate_;
  Share share_;
  base::Random random_;
  double due_ = 0;
};

class ReplayedArrivals final : public ArrivalSchedule {
 public:
  ReplayedArrivals(const std::vector<Nanoseconds>& times, Share share) : times_(times), turn_(share) {}

  Nanoseconds next() override {
    const std::uint64_t index = turn_.next();
    return index < times_.size() ? times_[index] : Nanoseconds::max();
  }

 private:
  const std::vector<Nanoseconds>& times_;
  Turn turn_;
};

}  // namespace

std::unique_ptr<ArrivalSchedule> arrivals_of(const OpenLoad& load, Share share, std::uint64_t seed) {
  switch (load.arrivals) {
    case Arrivals::uniform:
      return std::make_unique<UniformArrivals>(load.rate, share);
    case Arrivals::replay:
      return std::make_unique<ReplayedArrivals>(*load.times, share);
    case Arrivals::poisson:
      break;
  }
  return std::make_unique<PoissonArrivals>(load.rate, share, seed);
}

}  // namespace loadlab
