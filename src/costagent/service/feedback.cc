#include "costagent/service/feedback.h"

#include "costagent/analyze/feedback.h"
#include "costagent/service/known_slices.h"

namespace costagent {
namespace {

// Any day that a bill may have, for what has no end.
constexpr base::Day kFirstDay{std::chrono::days(0)};           // 1970-01-01
constexpr base::Day kDayAfterLast{std::chrono::days(84'006)};  // 2200-01-01

bool marks(FeedbackKind kind) { return kind == FeedbackKind::expected || kind == FeedbackKind::not_an_anomaly; }

base::Result<Period> days_of(const FeedbackRequest& request) {
  if (!request.days.start && !request.days.end && request.kind == FeedbackKind::exclude) {
    if (request.slice == BillSlice())
      return base::fail_field("slice", "name a slice or days: all charges of all days leave nothing to analyse");
    return Period{kFirstDay, kDayAfterLast};
  }
  if (!request.days.start)
    return base::fail_field("start_date", "start_date is missing: say which days, or which anomaly_id, it is about");
  const base::Day end = request.days.end.value_or(*request.days.start) + std::chrono::days(1);
  const Period days{*request.days.start, end};
  if (days.days() <= 0)
    return base::fail_field("start_date", "start_date {} comes after end_date {}", base::format_day(days.from),
                            base::format_day(end - std::chrono::days(1)));
  return days;
}

// Takes over what was told of the anomaly.
base::Result<> mark(FeedbackStore& store, const FeedbackRequest& request, Feedback& feedback) {
  const auto told = store.told(request.customer, request.anomaly);
  if (!told) return base::pass_on(told);
  if (!*told) {
    return base::Failure(base::Error{
        base::ErrorKind::not_found,
        fmt::format("no incident '{}' was told of customer '{}'", request.anomaly, request.customer), "anomaly_id"});
  }
  const Anomaly& anomaly = (*told)->anomaly;
  feedback.anomaly = request.anomaly;
  feedback.slice = slice_of(anomaly);
  feedback.days = {anomaly.start, anomaly.end};
  feedback.daily_impact = anomaly.impact() / static_cast<double>((anomaly.end - anomaly.start).count());
  return {};
}

// A slip of the pen would be taken for an answer. What is planned may be of something new.
base::Result<> check_slice(FactStore& facts, Period extent, const Feedback& feedback) {
  if (feedback.kind == FeedbackKind::planned_event && feedback.days.to > extent.to) return {};
  const auto missing = what_is_missing(facts, feedback.customer, extent, feedback.slice);
  if (!missing) return base::pass_on(missing);
  if (!*missing) return {};
  return base::fail_field("slice", "no charge of customer '{}' has {}", feedback.customer, **missing);
}

std::string id_of(const Feedback& feedback) {
  Anomaly about;  // that an id is made of as of an anomaly
  about.start = feedback.days.from;
  for (const auto& [dimension, value] : feedback.slice.only) {
    about.dimensions.push_back(dimension);
    about.slice.push_back(value);
  }
  std::string tags;
  for (const auto& [name, value] : feedback.slice.only_tagged)
    tags += fmt::format("{}:{}{}:{}", name.size(), name, value.size(), value);
  about.currency = tags;
  return costagent::id_of(
      fmt::format("{} {} {}", name_of(feedback.kind), base::format_day(feedback.days.to), feedback.customer), about);
}

}  // namespace

base::Result<Feedback> give_feedback(FactStore& facts, FeedbackStore& store, const base::Clock& clock,
                                     const FeedbackRequest& request) {
  const auto extent = extent_of(facts, request.customer);
  if (!extent) return base::pass_on(extent);
  Feedback feedback;
  feedback.customer = request.customer;
  feedback.kind = request.kind;
  feedback.slice = request.slice;
  feedback.note = request.note;
  feedback.change_percent = request.change_percent;
  feedback.created = std::chrono::floor<std::chrono::seconds>(clock.utc());
  if (!request.anomaly.empty()) {
    if (const auto marked = mark(store, request, feedback); !marked) return base::pass_on(marked);
  } else {
    const auto days = days_of(request);
    if (!days) return base::pass_on(days);
    feedback.days = *days;
    if (const auto known = check_slice(facts, *extent, feedback); !known) return base::pass_on(known);
  }
  if (marks(feedback.kind) && feedback.days.days() > kMaxDaysAsked)
    return base::fail_field("end_date", "at most {} days can be marked at once", kMaxDaysAsked);
  feedback.id = id_of(feedback);
  if (const auto saved = store.save(feedback); !saved) return base::pass_on(saved);
  return feedback;
}

base::Result<Feedback> remove_feedback(FeedbackStore& store, const std::string& id) {
  auto removed = store.remove(id);
  if (!removed) return base::pass_on(removed);
  if (!*removed) return base::fail(base::ErrorKind::not_found, "there is no feedback '{}'", id);
  return std::move(**removed);
}

}  // namespace costagent
