// Makes a delivery count: what must hold for that, and what no longer counts for it, whichever database it is in.
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "costagent/domain/fact_store.h"

namespace costagent {

// A delivery that nobody has added to for so long was left, and is cleared away.
inline constexpr std::chrono::hours kAbandonedAfter{1};

struct LoadedDelivery {
  std::int64_t id = 0;
  std::int64_t customer = 0;
  Restatement restatement = Restatement::by_days;
};

// A part that counts, and that has days in common with one that the delivery brings of the same partition.
struct OverlappingPart {
  std::int64_t id = 0;
  std::int64_t by = 0;  // the delivery's
  std::int64_t provider = 0;
  std::int64_t billing_account = 0;
  std::int64_t billing_period = 0;
  std::int64_t rows = 0;
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
  std::int64_t first_new_day = 0;
  std::int64_t last_new_day = 0;

  bool is_covered() const { return first_new_day <= first_day && last_new_day >= last_day; }
};

struct StoredFile {
  std::int64_t id = 0;
  std::string name;
  std::string digest;
};

// The steps that a database must be able to do, all within one transaction of the caller's, in which nobody else
// publishes anything of this customer.
class PublishingSteps {
 public:
  virtual ~PublishingSteps() = default;

  // Whether it is there, and does not count yet.
  virtual base::Result<bool> is_loading(std::int64_t delivery) = 0;
  // Its files that another delivery has published.
  virtual base::Result<std::vector<StoredFile>> taken_by_others(std::int64_t delivery) = 0;
  virtual base::Result<std::vector<OverlappingPart>> overlapping(std::int64_t delivery) = 0;
  // In the order in which they were taken in.
  virtual base::Result<std::vector<StoredFile>> files_of(std::int64_t part) = 0;
  virtual base::Result<std::string> text(std::int64_t id) = 0;

  virtual base::Result<> replace_file(std::int64_t file) = 0;
  virtual base::Result<> replace_part(std::int64_t part, std::int64_t by) = 0;
  // Its files and parts count, and the customer's facts have another version.
  virtual base::Result<> let_count(const LoadedDelivery& delivery, std::int64_t now) = 0;
};

// FactWriter::publish. The transaction must be rolled back when files are missing or it fails. `now` in seconds since
// 1970; `asked_for`: digests of files that an earlier try said were missing.
base::Result<Publication> publish_delivery(PublishingSteps& steps, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for);

// Of a delivery that was cleared away meanwhile.
base::Failure was_cleared_away();

}  // namespace costagent
