#include "loadlab/judge/seconds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "loadlab/history/step_block.h"
#include "stats/block_bootstrap.h"
#include "stats/histogram_log.h"

namespace loadlab {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kNanosecondsPerMillisecond = 1e6;

// The measured part, each stretch one or more whole seconds.
base::Result<std::vector<Block>> measured(const TestRecord& test) {
  std::vector<Block> all;
  for (const Block& block : test.blocks) {
    if (block.begin_seconds >= test.warm_up_seconds - 1e-9) all.push_back(block);
  }
  if (!all.empty()) all.pop_back();
  const std::size_t together = (all.size() + Seconds::kMost - 1) / Seconds::kMost;
  std::vector<Block> joined;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % together == 0) {
      joined.push_back(std::move(all[i]));
    } else if (const auto merged = joined.back().merge(all[i]); !merged) {
      return base::pass_on(merged);
    }
  }
  return joined;
}

double percentile(std::span<const double> counts, std::span<const double> values, double total, double share) {
  if (total <= 0) return kMissing;
  const double rank = std::max(1.0, std::ceil(share * total - 1e-6));
  double seen = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    seen += counts[i];
    if (seen >= rank) return values[i];
  }
  return values.empty() ? kMissing : values.back();
}

template <class Rows, class Of>
double sum_over(const Rows& rows, Of of) {
  double sum = 0;
  for (const auto& row : rows) sum += of(row);
  return sum;
}

// Of each of its names a block for each of the test's. Those that lack it had none of its requests.
base::Result<std::map<std::string, std::vector<Block>>> blocks_by_step(std::span<const Block> blocks) {
  std::map<std::string, std::vector<Block>> by_step;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    auto steps = decode_steps(blocks[i].steps);
    if (!steps) return base::pass_on(steps);
    for (StepBlock& step : *steps) {
      auto& of_step = by_step[step.name];
      of_step.resize(blocks.size());
      of_step[i].requests += step.requests;
      of_step[i].errors += step.errors;
      of_step[i].response = std::move(step.response);
    }
  }
  for (auto& [name, of_step] : by_step) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      of_step[i].begin_seconds = blocks[i].begin_seconds;
      of_step[i].end_seconds = blocks[i].end_seconds;
    }
  }
  return by_step;
}

}  // namespace

base::Result<Seconds> Seconds::of(std::span<const Block> blocks, int cores) {
  Seconds seconds;
  seconds.cpu_to_ms_ = 1000.0 * std::max(1, cores) / 100;
  std::map<std::uint64_t, std::uint32_t> places;
  std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> times;  // of each row: nanoseconds, count
  for (const Block& block : blocks) {
    auto& of_row = times.emplace_back();
    if (!block.response.empty()) {
      const auto histogram = stats::decode_histogram(block.response);
      if (!histogram) return base::pass_on(histogram);
      histogram->for_each_bucket([&](std::uint64_t, std::uint64_t highest, std::uint64_t count) {
        of_row.emplace_back(highest, count);
        places.emplace(highest, 0);
      });
    }
    Row& row = seconds.rows_.emplace_back();
    row.seconds = block.end_seconds - block.begin_seconds;
    row.requests = static_cast<double>(block.requests);
    row.errors = static_cast<double>(block.errors);
    row.dropped = static_cast<double>(block.dropped);
    row.has_cpu = block.cpu.has_value();
    row.has_memory = block.memory.has_value();
    if (row.has_cpu) {
      row.cpu = *block.cpu * row.seconds;
      row.cpu_requests = row.requests;
    }
    if (row.has_memory) {
      row.memory = *block.memory * row.seconds;
      row.memory_seconds = row.seconds;
    }
  }
  std::uint32_t next = 0;
  for (auto& [value, place] : places) {
    place = next++;
    seconds.values_.push_back(static_cast<double>(value) / kNanosecondsPerMillisecond);
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    for (const auto& [value, count] : times[i])
      seconds.rows_[i].times.emplace_back(places.at(value), static_cast<double>(count));
  }
  return seconds;
}

double Seconds::requests() const {
  return sum_over(rows_, [](const Row& row) { return row.requests; });
}

double Seconds::errors() const {
  return sum_over(rows_, [](const Row& row) { return row.errors; });
}

double Seconds::dropped() const {
  return sum_over(rows_, [](const Row& row) { return row.dropped; });
}

std::size_t Seconds::with_cpu() const {
  return static_cast<std::size_t>(
      std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.has_cpu; }));
}

std::size_t Seconds::with_memory() const {
  return static_cast<std::size_t>(
      std::count_if(rows_.begin(), rows_.end(), [](const Row& row) { return row.has_memory; }));
}

std::vector<double> Seconds::rates() const {
  std::vector<double> rates;
  for (const Row& row : rows_) rates.push_back(row.seconds > 0 ? row.requests / row.seconds : 0);
  return rates;
}

std::vector<double> Seconds::means() const {
  std::vector<double> means;
  for (const Row& row : rows_) {
    double sum = 0;
    double count = 0;
    for (const auto& [place, times] : row.times) {
      sum += values_[place] * times;
      count += times;
    }
    means.push_back(count > 0 ? sum / count : means.empty() ? 0 : means.back());
  }
  return means;
}

// Of the number of answers and their mean time, the longer.
Seconds::Stretch Seconds::stretch() const {
  Stretch stretch;
  stretch.length = std::max(stats::block_length(rates()), stats::block_length(means()));
  stretch.variance_lost = variance_lost(stretch.length);
  return stretch;
}

double Seconds::variance_lost(std::size_t length) const {
  return std::max(stats::variance_lost(rates(), length), stats::variance_lost(means(), length));
}

Figures Seconds::figures() const {
  std::vector<std::size_t> all(rows_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return figures(all);
}

Figures Seconds::figures(std::span<const std::size_t> drawn) const {
  std::vector<double> counts(values_.size());
  Row sum;
  for (const std::size_t i : drawn) {
    const Row& row = rows_[i];
    sum.seconds += row.seconds;
    sum.requests += row.requests;
    sum.errors += row.errors;
    sum.dropped += row.dropped;
    sum.cpu += row.cpu;
    sum.cpu_requests += row.cpu_requests;
    sum.memory += row.memory;
    sum.memory_seconds += row.memory_seconds;
    for (const auto& [place, times] : row.times) counts[place] += times;
  }
  double total = 0;
  double time = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    time += counts[i] * values_[i];
  }
  const auto share = [](double part, double of) { return of > 0 ? part / of : kMissing; };
  return {share(sum.requests, sum.seconds),
          100 * share(sum.errors, sum.requests),
          share(time, total),
          percentile(counts, values_, total, 0.50),
          percentile(counts, values_, total, 0.95),
          percentile(counts, values_, total, 0.99),
          cpu_to_ms_ * share(sum.cpu, sum.cpu_requests),
          share(sum.memory, sum.memory_seconds),
          share(sum.dropped, sum.seconds)};
}

base::Result<MeasuredSeconds> measured_seconds(const TestRecord& test, int cores) {
  const auto blocks = measured(test);
  if (!blocks) return base::pass_on(blocks);
  auto whole = Seconds::of(*blocks, cores);
  if (!whole) return base::pass_on(whole);
  MeasuredSeconds result{std::move(*whole), {}};
  const auto by_step = blocks_by_step(*blocks);
  if (!by_step) return base::pass_on(by_step);
  for (const auto& [name, of_step] : *by_step) {
    auto seconds = Seconds::of(of_step, cores);
    if (!seconds) return base::pass_on(seconds);
    result.steps.emplace_back(name, std::move(*seconds));
  }
  return result;
}

}  // namespace loadlab
