// Says of every value of a stream, as it comes, how much it is news.
//
// Several simple measures look at each value: its distance from the usual level upwards and downwards, the same of the
// last hour's and the last day's mean, how far it is from the nearer of the two values before, the step from the two
// hours before, how lively and how still the last hour was, and how far this hour is from the same one of earlier days.
// Each is set against the largest it ever was (stats/extreme_tail.h), so that each tells a chance, whatever its unit
// and whatever its distribution; the surprises together are the Euclidean norm of theirs. What was already that
// surprising a short while ago is no news: an incident is told when it begins, and again only if it becomes twice as
// surprising.
//
// "Hour" and "day" are counts of values, 12 and 288, as of a value every five minutes; the hour of the day is the
// clock's. A factor on all values changes no score.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/time.h"
#include "costagent/analyze/hour_profile.h"
#include "stats/extreme_tail.h"
#include "stats/rolling_window.h"

namespace costagent {

// About 50 kB, and some microseconds a value. Not thread-safe.
class StreamDetector {
 public:
  // From here on a score is worth a look. Noise alone reaches it once in five days of values every five minutes; during
  // the first days, when nearly everything is new, more often.
  static constexpr double kAlert = 0.5;

  StreamDetector();

  // The score of the value, 0 to below 1; it depends on nothing that comes later. Not finite values are missing ones:
  // they score 0 and teach nothing. Sizes beyond 1e150 count as that.
  double score(base::Seconds time, double value);

 private:
  enum Measure {
    above,
    below,
    hour_above,
    hour_below,
    day_above,
    day_below,
    jump,
    step,
    lively,
    still,
    profile,
    kMeasures
  };
  using Magnitudes = std::array<double, kMeasures>;

  Magnitudes measure(double value) const;
  // What is smaller is no difference.
  double grain() const;
  double surprise_of(const Magnitudes& magnitudes, double grain);
  double news(double surprise);

  std::int64_t values_ = 0;
  base::Seconds last_time_{};
  stats::RollingWindow recent_;        // values, but for the first, which has no step
  stats::RollingWindow recent_steps_;  // the sizes of the steps from value to value
  stats::RollingQuantiles level_;
  stats::RollingQuantiles steps_;
  stats::RollingQuantiles intervals_;  // seconds
  double last_value_ = 0;
  HourProfile hours_;
  std::vector<stats::ExtremeTail> tails_;  // one a measure

  struct Told {
    std::int64_t at;
    double bar;  // what is no more surprising is no news for a while
  };
  std::deque<Told> told_;  // the latest of every bar that no later one reaches; they fall
};

}  // namespace costagent
