#include "costagent/service/analysis_notes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "costagent/analyze/baseline.h"
#include "costagent/service/known_slices.h"

namespace costagent {
namespace {

// Events and exclusions that are named; who made more knows them.
constexpr std::size_t kMostNamed = 3;

bool is_charged(double cost) { return !std::isnan(cost); }

std::string text_of(Period days) {
  return fmt::format("from {} to {}", base::format_day(days.from), base::format_day(days.to - std::chrono::days(1)));
}

class Notes {
 public:
  Notes(const AnalysisRequest& request, const AnalysisReport& report, const NotesSources& sources)
      : request_(request), report_(report), sources_(sources) {}

  base::Result<std::vector<std::string>> all(FactStore& facts) {
    if (report_.total.empty()) {
      if (const auto added = add_no_charges(facts); !added) return base::pass_on(added);
    } else {
      add_left_out();
      add_short();
    }
    if (request_.anomalies && sources_.seldom > 0) {
      notes_.push_back(fmt::format(
          "{} of {} slices have charges on fewer than three days of five and are not looked at by themselves",
          sources_.seldom, slices()));
    }
    if (request_.forecast) add_events();
    add_budget();
    return std::move(notes_);
  }

 private:
  base::Result<> add_no_charges(FactStore& facts) {
    const auto extent = facts.extent(request_.customer);
    if (!extent) return base::pass_on(extent);
    if (!*extent) return {};
    const auto missing = what_is_missing(facts, request_.customer, **extent, {request_.only, {}});
    if (!missing) return base::pass_on(missing);
    if (*missing) {
      notes_.push_back(fmt::format("no charge has {}", **missing));
    } else {
      notes_.push_back(fmt::format("there are no charges{} {}; the bill has some {}",
                                   request_.only.empty() ? "" : " of this part of the bill", text_of(report_.period),
                                   text_of(**extent)));
    }
    return {};
  }

  // An exclusion of everything on all days that are asked for; or several that together leave nothing.
  void add_left_out() {
    if (!request_.anomalies) return;
    const Period asked{std::max(report_.period.from, sources_.scope.days.from),
                       std::min(report_.period.to, sources_.scope.days.to)};
    std::vector<std::string> for_good;
    for (const LeftOut& one : sources_.effects.left_out) {
      if (one.everything && one.days.from <= asked.from && one.days.to >= asked.to) {
        notes_.push_back(fmt::format("all that is asked for is left out, as feedback '{}' excludes it", one.feedback));
        return;
      }
      if (one.days == sources_.scope.days) for_good.push_back(one.feedback);
    }
    if (report_.series > 0 || for_good.empty()) return;
    if (for_good.size() > kMostNamed) for_good.resize(kMostNamed);
    notes_.push_back(
        fmt::format("nothing is left to look at without what feedback excludes: '{}'", fmt::join(for_good, "', '")));
  }

  void add_short() {
    const char* of = request_.only.empty() ? "this bill" : "this part of the bill";
    const int days = days_charged(sources_.scope.days);
    if (request_.anomalies && days < kLeastDays)
      notes_.push_back(fmt::format("anomalies need {} days with charges; {} has {}", kLeastDays, of, days));
    const int within = days_charged(report_.period);
    if (request_.trend && report_.trends.empty() && within < kLeastTrendDays)
      notes_.push_back(fmt::format("trends need {} days with charges; the period has {}", kLeastTrendDays, within));
    if (request_.forecast && report_.forecasts.empty())
      notes_.push_back(fmt::format("forecasts need {} days of charges before they begin", kLeastForecastHistory));
  }

  // Of the total that has the most, as the bills say it.
  int days_charged(Period within) const {
    int most = 0;
    for (std::size_t at = 0; at < sources_.levels.size(); ++at) {
      if (sources_.levels[at].level != SeriesLevel{}) continue;
      for (std::size_t i = 0; i < sources_.levels[at].series.size(); ++i) {
        const CostSeries& series = sources_.levels[at].series[i];
        const auto before = sources_.effects.before.find({at, i});
        const auto& cost = before == sources_.effects.before.end() ? series.cost : before->second;
        int days = 0;
        for (std::size_t day = 0; day < cost.size(); ++day) {
          const base::Day date = series.first + std::chrono::days(day);
          days += is_charged(cost[day]) && date >= within.from && date < within.to;
        }
        most = std::max(most, days);
      }
    }
    return most;
  }

  std::size_t slices() const {
    std::size_t count = 0;
    for (const LevelSeries& level : sources_.levels)
      count += static_cast<std::size_t>(std::count(level.passed_over.begin(), level.passed_over.end(), false));
    return count;
  }

  void add_events() {
    std::vector<const Feedback*> ahead;
    for (const Feedback& one : sources_.feedback) {
      if (one.kind == FeedbackKind::planned_event && one.days.to > sources_.scope.days.to) ahead.push_back(&one);
    }
    std::stable_sort(ahead.begin(), ahead.end(),
                     [](const Feedback* a, const Feedback* b) { return a->days.from < b->days.from; });
    for (std::size_t i = 0; i < std::min(ahead.size(), kMostNamed); ++i) {
      notes_.push_back(fmt::format("forecasts don't know of the event that is planned {} ({})", text_of(ahead[i]->days),
                                   ahead[i]->id));
    }
    if (ahead.size() > kMostNamed)
      notes_.push_back(fmt::format("nor of {} other events that are planned", ahead.size() - kMostNamed));
  }

  void add_budget() {
    std::vector<std::string> currencies;
    for (const SliceForecast& forecast : report_.forecasts) {
      if (forecast.outlook) currencies.push_back(forecast.currency);
    }
    if (currencies.size() < 2) return;
    std::sort(currencies.begin(), currencies.end());
    notes_.push_back(fmt::format("the monthly budget of {} is held against each currency by itself: {}",
                                 request_.monthly_budget.to_string(), fmt::join(currencies, ", ")));
  }

  const AnalysisRequest& request_;
  const AnalysisReport& report_;
  const NotesSources& sources_;
  std::vector<std::string> notes_;
};

}  // namespace

base::Result<std::vector<std::string>> notes_of(FactStore& facts, const AnalysisRequest& request,
                                                const AnalysisReport& report, const NotesSources& sources) {
  return Notes(request, report, sources).all(facts);
}

}  // namespace costagent
