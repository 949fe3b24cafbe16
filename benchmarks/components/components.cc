// The parts of costagent that take the time, one by one, and the whole way from a bill to an approved recommendation.
//
// Thresholds on these times are in suites/costagent/benchmarks.yaml.
#include <fmt/format.h>

#include "base/clock.h"
#include "costagent/analyze/forecast.h"
#include "costagent/analyze/incidents.h"
#include "costagent/analyze/trend.h"
#include "costagent/api/json_writer.h"
#include "costagent/ingest/bill_reader.h"
#include "costagent/recommend/rules.h"
#include "costagent/service/analysis.h"
#include "costagent/service/analysis_models.h"
#include "costagent/service/costs.h"
#include "costagent/service/ingest.h"
#include "costagent/service/savings.h"
#include "world.h"

namespace bench {
namespace {

using namespace costagent;

const Period kYear{std::chrono::sys_days(std::chrono::year(2025) / 1 / 1),
                   std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};

// Lines a second of a month's bill, read and typed.
void bill_parsing(benchmark::State& state) {
  const std::string& bill = bills().front();
  std::int64_t lines = 0;
  for (auto _ : state) {
    for (int i = times("bill_parsing"); i > 0; --i) {
      lines = 0;
      auto reader = open_bill(bill);
      if (!good(state, reader)) return;
      Charge charge;
      BillLine line;
      while (true) {
        const auto more = (*reader)->next(charge, line);
        if (!good(state, more)) return;
        if (!*more) break;
        if (line.problem) return state.SkipWithError("a line was rejected");
        ++lines;
      }
    }
  }
  if (lines < 1000) return state.SkipWithError("the month's bill has hardly a line");
  state.SetItemsProcessed(state.iterations() * lines);
}
BENCHMARK(bill_parsing)->Unit(benchmark::kMillisecond);

// Charges a second taken in: parsed, kept, and added to daily and monthly rollups.
void rollup(benchmark::State& state) {
  const std::vector<std::string> month{bills().front()};
  std::uint64_t charges = 0;
  for (auto _ : state) {
    for (int i = times("rollup"); i > 0; --i) {
      state.PauseTiming();
      auto store = open_empty();
      // Where the database is one for all, each time is another customer's.
      static int customers = 0;
      const std::string customer = fmt::format("rollup-{}", customers++);
      state.ResumeTiming();
      const auto report = ingest_files(store->facts(), {customer}, month);
      if (!good(state, report)) return;
      charges = report->charges;
      state.PauseTiming();
      store.reset();
      state.ResumeTiming();
    }
  }
  if (charges < 1000) return state.SkipWithError("the month's bill has hardly a charge");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(charges));
}
BENCHMARK(rollup)->Unit(benchmark::kMillisecond);

// The year's daily costs, by service and by service and region.
const std::vector<SliceLevel>& levels() {
  static const std::vector<SliceLevel> read = [] {
    const auto store = open_year(4);
    std::vector<SliceLevel> found;
    for (const auto& by : {std::vector{Dimension::provider, Dimension::service},
                           std::vector{Dimension::provider, Dimension::service, Dimension::region}}) {
      SeriesQuery query;
      query.customer = kCustomer;
      query.period = kYear;
      query.by = by;
      found.push_back({by, store->facts().series(query).value()});
    }
    return found;
  }();
  return read;
}

std::int64_t slices() { return static_cast<std::int64_t>(levels()[0].series.size() + levels()[1].series.size()); }

// Slices a second of a year.
void anomaly_detection(benchmark::State& state) {
  levels();
  std::size_t found = 0;
  for (auto _ : state) {
    for (int i = times("anomaly_detection"); i > 0; --i)
      found = find_incidents(levels(), kYear, Sensitivity::medium).size();
  }
  if (found == 0) return state.SkipWithError("none of what was planted in the year was found");
  state.SetItemsProcessed(state.iterations() * slices());
}
BENCHMARK(anomaly_detection)->Unit(benchmark::kMillisecond);

void trend(benchmark::State& state) {
  const auto& services = levels()[0].series;
  std::size_t found = 0;
  for (auto _ : state) {
    for (int i = times("trend"); i > 0; --i) {
      found = 0;
      for (const CostSeries& series : services) found += trend_of(series) ? 1 : 0;
    }
  }
  if (found == 0) return state.SkipWithError("no service has a trend");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(services.size()));
}
BENCHMARK(trend)->Unit(benchmark::kMillisecond);

// Slices a second, thirty days ahead.
void forecast(benchmark::State& state) {
  const auto& services = levels()[0].series;
  std::size_t found = 0;
  for (auto _ : state) {
    for (int i = times("forecast"); i > 0; --i) {
      found = 0;
      for (const CostSeries& series : services) found += forecast_of(series, kYear.to) ? 1 : 0;
    }
  }
  if (found == 0) return state.SkipWithError("no service could be forecast");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(services.size()));
}
BENCHMARK(forecast)->Unit(benchmark::kMillisecond);

// Resources a second, by the rules alone.
void recommendations(benchmark::State& state) {
  const auto store = open_year(4);
  const Period period{kYear.to - std::chrono::days(kDaysConsidered), kYear.to};
  const auto resources = store->facts().resources(kCustomer, "", period, 10'000);
  if (!good(state, resources)) return;
  std::size_t found = 0;
  for (auto _ : state) {
    for (int i = times("recommendations"); i > 0; --i)
      found = recommend(kCustomer, *resources, period, base::Seconds{}).size();
  }
  if (found == 0) return state.SkipWithError("nothing of what was planted was recommended");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(resources->size()));
}
BENCHMARK(recommendations)->Unit(benchmark::kMicrosecond);

// An answer of a thousand totals, written.
void json(benchmark::State& state) {
  std::size_t bytes = 0;
  const auto money = base::Decimal::from_double(1234.56789, 5);
  for (auto _ : state) {
    for (int i = times("json"); i > 0; --i) {
      JsonWriter json;
      json.begin_array();
      for (int row = 0; row < 1000; ++row) {
        json.begin_object();
        json.field("service", "Amazon Elastic Compute Cloud").field("region", "eu-central-1").field("rows", row);
        json.field("day", base::Day(std::chrono::days(20'000 + row))).field("billed_cost", money).end_object();
      }
      json.end_array();
      bytes = json.take().size();
    }
  }
  if (bytes < 100'000) return state.SkipWithError("the answer is too short");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(json)->Unit(benchmark::kMicrosecond);

// Collect, analyse, recommend, approve: of a month, each time from nothing.
void workflow(benchmark::State& state) {
  const base::SystemClock clock;
  const std::vector<std::string> files{bills().back(), utilisation()};
  for (auto _ : state) {
    for (int i = times("workflow"); i > 0; --i) {
      static int customers = 0;
      const std::string customer = fmt::format("workflow-{}", customers++);
      const auto store = open_empty();
      if (!good(state, ingest_files(store->facts(), {customer}, files))) return;
      AnalysisRequest request;
      request.customer = customer;
      AnalysisModels models(store->facts(), store->feedback(), clock);
      if (!good(state, models.analyse(request))) return;
      const auto page = find_savings(store->facts(), store->state(), clock, {customer});
      if (!good(state, page)) return;
      if (page->recommendations.empty()) return state.SkipWithError("nothing was recommended");
      const auto approved = decide(store->state(), page->recommendations.front().id, RecommendationStatus::approved);
      if (!good(state, approved)) return;
      if (approved->status != RecommendationStatus::approved) return state.SkipWithError("it was not approved");
    }
  }
}
BENCHMARK(workflow)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bench

BENCHMARK_MAIN();
