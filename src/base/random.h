// Seeded random numbers whose sequence is the same on every machine and with every standard library, unlike that of
// std::*_distribution. xoshiro256++ seeded by SplitMix64 (Blackman and Vigna 2018, "Scrambled linear pseudorandom
// number generators"). Not for secrets. Not thread-safe: give each thread its own, from `split`.
#pragma once

#include <array>
#include <cstdint>

namespace base {

class Random {
 public:
  explicit Random(std::uint64_t seed);

  // 64 uniform bits.
  std::uint64_t next();

  // A whole number in [0, bound), without bias (Lemire 2019). The bound is at least 1.
  std::uint64_t below(std::uint64_t bound);

  // In [0, 1), with 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }

  // Mean 0 and standard deviation 1 (Marsaglia's polar method, 1964).
  double normal();

  // Mean 1 (inversion).
  double exponential();

  bool chance(double probability) { return uniform() < probability; }

  // A generator whose sequence has nothing to do with this one's further sequence.
  Random split() { return Random(next()); }

 private:
  std::array<std::uint64_t, 4> state_{};
  double spare_ = 0;
  bool has_spare_ = false;
};

// 64 well-mixed bits of any number (SplitMix64's finaliser): for seeds that depend on a name or an index.
std::uint64_t mix(std::uint64_t value);

}  // namespace base
