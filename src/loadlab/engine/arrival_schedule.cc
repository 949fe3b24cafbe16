#include "loadlab/engine/arrival_schedule.h"

#include <cassert>
#include <cmath>

#include "base/random.h"

namespace loadlab {
namespace {

class UniformArrivals final : public ArrivalSchedule {
 public:
  UniformArrivals(RateProfile profile, Share share) : profile_(profile), share_(share) {}

  base::Nanoseconds next() override {
    const auto index = static_cast<double>(share_.part) + static_cast<double>(count_++) * share_.parts;
    return profile_.due(index);
  }

 private:
  RateProfile profile_;
  Share share_;
  std::uint64_t count_ = 0;
};

class PoissonArrivals final : public ArrivalSchedule {
 public:
  PoissonArrivals(RateProfile profile, Share share, std::uint64_t seed)
      : profile_(profile),
        share_(share),
        random_(base::mix(seed) ^ base::mix(static_cast<std::uint64_t>(share.part))) {}

  base::Nanoseconds next() override {
    due_ += random_.exponential() * share_.parts;
    return profile_.due(due_);
  }

 private:
  RateProfile profile_;
  Share share_;
  base::Random random_;
  double due_ = 0;
};

}  // namespace

base::Nanoseconds RateProfile::due(double arrivals) const {
  const double ramp = std::chrono::duration<double>(ramp_up).count();
  const double during_ramp = rate * ramp / 2;
  const double seconds =
      arrivals < during_ramp ? std::sqrt(2 * arrivals * ramp / rate) : ramp + (arrivals - during_ramp) / rate;
  return std::chrono::duration_cast<base::Nanoseconds>(std::chrono::duration<double>(seconds));
}

std::unique_ptr<ArrivalSchedule> uniform_arrivals(RateProfile profile, Share share) {
  assert(profile.rate > 0);
  return std::make_unique<UniformArrivals>(profile, share);
}

std::unique_ptr<ArrivalSchedule> poisson_arrivals(RateProfile profile, Share share, std::uint64_t seed) {
  assert(profile.rate > 0);
  return std::make_unique<PoissonArrivals>(profile, share, seed);
}

}  // namespace loadlab
