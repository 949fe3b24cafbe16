#include "costagent/domain/names.h"

#include <array>
#include <utility>

#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

template <class Enum>
struct Names;

template <>
struct Names<ChargeCategory> {
  static constexpr auto table = std::to_array<std::pair<ChargeCategory, std::string_view>>({
      {ChargeCategory::usage, "Usage"},
      {ChargeCategory::purchase, "Purchase"},
      {ChargeCategory::tax, "Tax"},
      {ChargeCategory::credit, "Credit"},
      {ChargeCategory::adjustment, "Adjustment"},
  });
};

template <>
struct Names<Dimension> {
  static constexpr auto table = std::to_array<std::pair<Dimension, std::string_view>>({
      {Dimension::provider, "provider"},
      {Dimension::billing_account, "billing_account"},
      {Dimension::account, "account"},
      {Dimension::service, "service"},
      {Dimension::region, "region"},
      {Dimension::resource, "resource"},
      {Dimension::category, "category"},
      {Dimension::usage_type, "usage_type"},
      {Dimension::sku, "sku"},
      {Dimension::pricing_category, "pricing_category"},
      {Dimension::commitment, "commitment"},
  });
};

template <>
struct Names<AnomalyKind> {
  static constexpr auto table = std::to_array<std::pair<AnomalyKind, std::string_view>>({
      {AnomalyKind::spike, "spike"},
      {AnomalyKind::dip, "dip"},
      {AnomalyKind::level_shift, "level_shift"},
      {AnomalyKind::drift, "drift"},
      {AnomalyKind::missing_data, "missing_data"},
      {AnomalyKind::new_service, "new_service"},
      {AnomalyKind::vanished_service, "vanished_service"},
  });
};

template <>
struct Names<RecommendationType> {
  static constexpr auto table = std::to_array<std::pair<RecommendationType, std::string_view>>({
      {RecommendationType::idle_resource, "idle_resource"},
      {RecommendationType::rightsize, "rightsize"},
  });
};

template <>
struct Names<RecommendationStatus> {
  static constexpr auto table = std::to_array<std::pair<RecommendationStatus, std::string_view>>({
      {RecommendationStatus::open, "open"},
      {RecommendationStatus::approved, "approved"},
      {RecommendationStatus::rejected, "rejected"},
  });
};

template <>
struct Names<Risk> {
  static constexpr auto table = std::to_array<std::pair<Risk, std::string_view>>({
      {Risk::low, "low"},
      {Risk::medium, "medium"},
      {Risk::high, "high"},
  });
};

template <>
struct Names<JobState> {
  static constexpr auto table = std::to_array<std::pair<JobState, std::string_view>>({
      {JobState::queued, "queued"},
      {JobState::running, "running"},
      {JobState::done, "done"},
      {JobState::failed, "failed"},
      {JobState::cancelled, "cancelled"},
  });
};

template <>
struct Names<Restatement> {
  static constexpr auto table = std::to_array<std::pair<Restatement, std::string_view>>({
      {Restatement::by_days, "by_days"},
      {Restatement::replace, "replace"},
      {Restatement::add, "add"},
  });
};

template <class Enum>
std::string_view look_up(Enum value) {
  for (const auto& [known, name] : Names<Enum>::table) {
    if (known == value) return name;
  }
  return "unknown";
}

}  // namespace

std::string_view name_of(ChargeCategory category) { return look_up(category); }
std::string_view name_of(Dimension dimension) { return look_up(dimension); }
std::string_view name_of(AnomalyKind kind) { return look_up(kind); }
std::string_view name_of(RecommendationType type) { return look_up(type); }
std::string_view name_of(RecommendationStatus status) { return look_up(status); }
std::string_view name_of(Risk risk) { return look_up(risk); }
std::string_view name_of(JobState state) { return look_up(state); }
std::string_view name_of(Restatement restatement) { return look_up(restatement); }

template <class Enum>
std::optional<Enum> parse_name(std::string_view name) {
  for (const auto& [value, known] : Names<Enum>::table) {
    if (same_word(known, name)) return value;
  }
  return std::nullopt;
}

template std::optional<ChargeCategory> parse_name(std::string_view);
template std::optional<Dimension> parse_name(std::string_view);
template std::optional<AnomalyKind> parse_name(std::string_view);
template std::optional<RecommendationType> parse_name(std::string_view);
template std::optional<RecommendationStatus> parse_name(std::string_view);
template std::optional<Risk> parse_name(std::string_view);
template std::optional<JobState> parse_name(std::string_view);
template std::optional<Restatement> parse_name(std::string_view);

}  // namespace costagent
