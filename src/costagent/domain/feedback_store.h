// Feedback, and incidents that were told. Few rows, changed in transactions.
//
// Implemented by store/. Every call blocks and may be made from any thread; errors as in fact_store.h.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "costagent/domain/feedback.h"

namespace costagent {

class FeedbackStore {
 public:
  // Of one customer: a person has said each, and every analysis goes through all.
  static constexpr std::size_t kMostFeedback = 500;
  // Of one customer, the newest: some years' worth.
  static constexpr std::size_t kMostTold = 5000;

  virtual ~FeedbackStore() = default;

  // Adds it, or puts it in the place of the one with its id. Counts as a decision on the customer
  // (StateStore::decisions_version). Fails with `too_large` where there are kMostFeedback others.
  virtual base::Result<> save(const Feedback& feedback) = 0;

  // All of a customer's, by time and id.
  virtual base::Result<std::vector<Feedback>> feedback(const std::string& customer) = 0;

  // What was removed; nothing if there is none of that id. Counts as a decision.
  virtual base::Result<std::optional<Feedback>> remove(const std::string& id) = 0;

  // Remembers what isn't known by its id yet, and forgets the oldest beyond kMostTold.
  virtual base::Result<> remember(const std::string& customer, std::span<const ToldIncident> incidents) = 0;

  // Those that began within the period, by that day and id.
  virtual base::Result<std::vector<ToldIncident>> told(const std::string& customer, Period period) = 0;
  virtual base::Result<std::optional<ToldIncident>> told(const std::string& customer, const std::string& id) = 0;
};

}  // namespace costagent
