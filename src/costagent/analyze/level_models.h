// What a series without its cycles does next, by several simple models at once, as seen from many days of its past.
//
// One pass keeps every model's state, so that what each would have said on any day costs nothing more. A value that
// lies far off is clipped (Gelper, Fried and Croux 2010), unless the next ones stay with it: then the level has
// shifted, and every model goes on from there. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace costagent {

// The seasonal naive one repeats the last period; the others are level + slope · g with g = 1 + φ + … + φ^(ahead-1),
// or, where a line is one of growth, level · exp(slope · g). Costs that rise by the same amount a day are no growth: a
// straight line is a model beside it.
enum class LevelModelKind {
  level,         // simple exponential smoothing
  damped_trend,  // Gardner and McKenzie (1985)
  theta,  // Assimakopoulos and Nikolopoulos (2000): smoothing with half of the line's slope (Hyndman and Billah 2003)
  line,   // a line by discounted least squares (Brown 1963), its slope shrunk where it rests on little
  straight,  // the same of the values themselves, where `line` is one of growth
  seasonal_naive,
};

struct LevelModel {
  LevelModelKind kind = LevelModelKind::level;
  double alpha = 0;      // weight of the newest value
  double beta = 0;       // the same for its trend, as a part of alpha
  double phi = 1;        // damping
  double half_life = 0;  // of a line's values, in steps
  double doubt = 1;      // what its past errors are multiplied by: a trend must earn its place

  // Whether its line is one of growth, where lines are.
  bool grows() const { return half_life > 0 && kind != LevelModelKind::straight; }
};

// What a model knows at one origin. For the seasonal naive one the values stand for themselves.
struct LevelState {
  double level = 0;
  double slope = 0;
};

struct LevelHistory {
  std::vector<LevelModel> models;
  bool growth = false;  // lines and theta are of logarithms
  // Shape: models × origins. An origin is how many values were known.
  std::vector<std::vector<LevelState>> states;
  std::vector<double> reference;  // by origin: the level by a quick robust smoothing

  // What `model`, not the seasonal naive one, says at the origin with this number where its g (`damped_steps`) is
  // `steps`.
  double at(std::size_t model, std::size_t origin, double steps) const;
  // The same for many; `said` has as many places.
  void say(std::size_t model, std::size_t origin, std::span<const double> steps, std::span<double> said) const;
};

enum class LevelHabit {
  additive,
  proportional,  // positive, and changing in proportion
  intermittent,
};

// `values` in any unit, NaN where there is none; `origins` ascending, from 1 to the number of values. `steps_a_day`
// sets how long a line remembers. Of an intermittent series nothing is clipped, and only slow levels are models.
LevelHistory follow_level(std::span<const double> values, std::span<const std::size_t> origins, double steps_a_day,
                          LevelHabit habit);

// 1 + φ + … + φ^(ahead-1).
double damped_steps(double phi, std::size_t ahead);

}  // namespace costagent
