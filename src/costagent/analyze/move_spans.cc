#include "costagent/analyze/move_spans.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "stats/robust.h"

namespace costagent {
namespace {

// Until when a way back belongs to the move that it undoes.
constexpr int kReturnsWithin = 60;
// What is left of a move once it is over, as a part of it.
constexpr double kLeftOver = 0.4;
// A day that has less than this part of a move is not of it; and so many of them in a row are its end.
constexpr double kPart = 0.5;
constexpr int kDaysOfEnd = 3;
// Of two moves that are one drift the second begins higher than the first five days of the first, by this part of what
// it adds.
constexpr int kBetween = 5;
constexpr double kClimbsBetween = 0.5;
// A move is measured by its first week, and a drift climbs for six days at least.
constexpr int kFirstDays = 7;
constexpr int kRampDays = 6;

std::size_t index(int i) { return static_cast<std::size_t>(i); }

class Spans {
 public:
  explicit Spans(const Baseline& baseline)
      : cost_(baseline.deseasoned), days_(static_cast<int>(baseline.deseasoned.size())) {}

  MoveSpan of(const LevelMove& move, int next) const {
    MoveSpan span{move, move.at, std::min({next, move.at + kLongestReport, days_}), false};
    const double size = size_of(move);
    if (!(size > 0)) return span;
    const int climbs = move.drifts ? kRampDays : 1;
    for (int i = move.at + climbs; i <= span.end && i + kDaysOfEnd <= days_; ++i) {
      if (!is_back(move, i, size)) continue;
      span.end = i;
      span.returned = true;
      break;
    }
    while (!move.drifts && span.returned && span.begin + 1 < span.end && rises(move, span.begin) < kPart * size)
      ++span.begin;
    return span;
  }

  // Whether `later` goes on with what `move` began: the level has climbed between them, and is no step after a step.
  bool goes_on(const LevelMove& later, const LevelMove& move) const {
    const int days = later.at - move.at;
    if (days > kLongestReport || days < 2 * kBetween || later.strength * move.strength <= 0) return false;
    const auto begun = median(move.at, move.at + kBetween);
    const auto reached = median(later.at - kBetween, later.at);
    if (!begun || !reached) return false;
    const double climbed = *reached - *begun;
    const double added = later.after - *reached;
    return climbed * later.strength > 0 && std::abs(climbed) >= kClimbsBetween * std::abs(added);
  }

  // Whether `later` takes the level back to where it was before `move`.
  bool undoes(const LevelMove& later, const LevelMove& move) const {
    if (later.at - move.at > kReturnsWithin || later.strength * move.strength >= 0) return false;
    const double size = std::max({std::abs(move.after - move.before), std::abs(later.before - move.before)});
    return std::abs(later.after - move.before) <= kLeftOver * size;
  }

 private:
  // How far a day is from the level before the move, in the move's direction.
  double rises(const LevelMove& move, int day) const {
    return (cost_[index(day)] - move.before) * (move.strength > 0 ? 1 : -1);
  }

  std::optional<double> median(int begin, int end) const {
    end = std::clamp(end, 0, days_);
    begin = std::clamp(begin, 0, end);
    return stats::median(std::span(cost_).subspan(index(begin), index(end - begin)));
  }

  // By the second largest day of the first week: what lasts for two days is as large as that.
  double size_of(const LevelMove& move) const {
    double first = 0;
    double second = 0;
    for (int i = move.at; i < std::min(days_, move.at + kFirstDays); ++i) {
      const double size = rises(move, i);
      if (size > first) {
        second = std::exchange(first, size);
      } else if (size > second) {
        second = size;
      }
    }
    return second;
  }

  bool is_back(const LevelMove& move, int day, double size) const {
    for (int i = day; i < day + kDaysOfEnd; ++i) {
      if (!(rises(move, i) < kPart * size)) return false;
    }
    return true;
  }

  const std::vector<double>& cost_;
  const int days_;
};

}  // namespace

std::vector<MoveSpan> spans_of(const Baseline& baseline, const std::vector<LevelMove>& moves) {
  const Spans spans(baseline);
  const int days = static_cast<int>(baseline.deseasoned.size());
  std::vector<MoveSpan> result;
  LevelMove last;  // that the span before goes on with
  for (std::size_t i = 0; i < moves.size(); ++i) {
    if (!result.empty() && spans.goes_on(moves[i], last)) {
      MoveSpan& drift = result.back();
      drift.move.drifts = true;
      drift.move.strength =
          std::max(std::abs(drift.move.strength), std::abs(moves[i].strength)) * (moves[i].strength > 0 ? 1 : -1);
      drift.end = spans.of(drift.move, i + 1 < moves.size() ? moves[i + 1].at : days).end;
      last = moves[i];
      continue;
    }
    const bool undoes = std::any_of(result.begin(), result.end(), [&](const MoveSpan& earlier) {
      return spans.undoes(moves[i], earlier.move) &&
             (std::abs(earlier.move.strength) >= 1 || std::abs(moves[i].strength) < 1);
    });
    if (undoes) continue;
    result.push_back(spans.of(moves[i], i + 1 < moves.size() ? moves[i + 1].at : days));
    last = moves[i];
  }
  return result;
}

}  // namespace costagent
