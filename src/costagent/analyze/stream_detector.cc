#include "costagent/analyze/stream_detector.h"

#include <algorithm>
#include <cmath>

namespace costagent {
namespace {

// Counts of values; as of five minutes each, an hour, a day and a week.
constexpr std::size_t kHour = 12;
constexpr std::size_t kDay = 288;
constexpr std::size_t kWeek = 2016;
constexpr std::size_t kStep = 24;
constexpr std::size_t kIntervals = 31;

// Differences below this part of the usual spread are no differences: a series at rest is not to be startled.
constexpr double kGrain = 0.1;
constexpr double kRounding = 1e-9;
constexpr double kStillest = 0.01;
constexpr double kLargestValue = 1e150;
// What this small is zero, so that its inverse is a number.
constexpr double kSmallest = 1e-300;

// What is that much more surprising, in natural logarithms of chance, is news after what raised no alert; after an
// alert it is only what is twice as surprising: an incident that unfolds rouses one measure after the other.
constexpr double kWorse = 0.25;
constexpr double kMuchWorse = 2;
// An incident is over after a sixteenth of all that was seen, within two hours and two days of values: who has seen a
// month knows less of what is rare than who has seen a year, and nobody wants to hear of it for a week.
constexpr std::int64_t kSilencePart = 16;
constexpr std::int64_t kShortestSilence = 24;
constexpr std::int64_t kLongestSilence = 512;

// The surprise at which a score is one half: a chance of e^-8.25 for one measure alone, or of e^-4.1 for four at once.
constexpr double kHalfScore = 8.25;
// The score of what is no news, at the most: visible, and below any alert.
constexpr double kOldNews = 0.25;

}  // namespace

StreamDetector::StreamDetector()
    : recent_(kDay),
      recent_steps_(kDay),
      level_(kWeek),
      steps_(kWeek),
      intervals_(kIntervals),
      tails_(kMeasures, stats::ExtremeTail(static_cast<int>(kHour))) {}

double StreamDetector::score(base::Seconds time, double value) {
  if (!std::isfinite(value)) return 0;
  value = std::clamp(value, -kLargestValue, kLargestValue);
  hours_.add(time, value);
  double result = 0;
  if (values_ > 0) {
    intervals_.add(static_cast<double>((time - last_time_).count()));
    recent_.add(value);
    recent_steps_.add(std::abs(value - last_value_));
    result = news(surprise_of(measure(value), grain()));
    steps_.add(std::abs(value - last_value_));
  }
  level_.add(value);
  last_value_ = value;
  last_time_ = time;
  ++values_;
  return result;
}

StreamDetector::Magnitudes StreamDetector::measure(double value) const {
  Magnitudes result{};
  const double usual = level_.quantile(0.5);
  const auto apart = [&](double mean, Measure up, Measure down) {
    result[up] = std::max(0.0, mean - usual);
    result[down] = std::max(0.0, usual - mean);
  };
  const std::size_t seen = recent_.size();
  apart(value, above, below);
  apart(recent_.mean(std::min(kHour, seen)), hour_above, hour_below);
  if (recent_.full()) apart(recent_.mean(kDay), day_above, day_below);
  // The nearer of the two values before: what comes back after a single value that stood out is no jump.
  result[jump] = recent_steps_.last(0);
  if (seen > 2) result[jump] = std::min(result[jump], std::abs(value - recent_.last(2)));
  if (seen >= 2 * kStep) result[step] = std::abs(recent_.mean(kStep) - recent_.mean(kStep, kStep));
  result[lively] = recent_steps_.mean(std::min(kHour, seen));
  result[profile] = hours_.distance(std::chrono::seconds(static_cast<std::int64_t>(intervals_.quantile(0.5))));
  // Stillness is the inverse of liveliness; below a hundredth of the day's all is equally still.
  const double liveliness =
      recent_steps_.mean(std::min(kHour, seen)) + kStillest * recent_steps_.mean(seen) + kRounding * std::abs(usual);
  result[still] = seen >= kHour && liveliness > kSmallest ? 1 / liveliness : 0;
  return result;
}

double StreamDetector::grain() const {
  const double spread = level_.quantile(0.75) - level_.quantile(0.25);
  const double usual_step = steps_.empty() ? 0 : steps_.quantile(0.5);
  return kGrain * std::max(spread, usual_step) + kRounding * std::abs(level_.quantile(0.5));
}

double StreamDetector::surprise_of(const Magnitudes& magnitudes, double grain) {
  double squares = 0;
  for (std::size_t i = 0; i < kMeasures; ++i) {
    const double magnitude = i == still ? magnitudes[i] : magnitudes[i] + grain;
    // Below the grain nothing is a surprise, even where the grain itself has just grown beyond all that was seen.
    if (i == still || magnitudes[i] >= grain) {
      const double surprise = tails_[i].surprise(magnitude);
      squares += surprise * surprise;
    }
    tails_[i].add(magnitude);
  }
  return std::sqrt(squares);
}

double StreamDetector::news(double surprise) {
  const double score = surprise / (surprise + kHalfScore);
  while (!told_.empty() && told_.back().bar < surprise) told_.pop_back();
  const std::int64_t silence = std::clamp(values_ / kSilencePart, kShortestSilence, kLongestSilence);
  const bool is_news = told_.empty() || values_ - told_.back().at >= silence;
  const double bar = is_news && score >= kAlert ? kMuchWorse * surprise : surprise + kWorse;
  while (!told_.empty() && told_.back().bar <= bar) told_.pop_back();
  told_.push_back({values_, bar});
  if (values_ - told_.front().at >= kLongestSilence) told_.pop_front();
  return is_news ? score : score * kOldNews;
}

}  // namespace costagent
