#include "costagent/store/publish.h"

#include <algorithm>

#include <fmt/ranges.h>

namespace costagent {
namespace {

base::Result<> check_not_taken(PublishingSteps& steps, std::int64_t delivery, const std::set<std::string>& asked_for) {
  const auto taken = steps.taken_by_others(delivery);
  if (!taken) return base::pass_on(taken);
  for (const StoredFile& file : *taken) {
    if (asked_for.contains(file.digest)) continue;
    return base::Failure(base::Error{base::ErrorKind::conflict,
                                     fmt::format("{} was taken in by somebody else at the same time", file.name),
                                     std::string(FactWriter::kTaken)});
  }
  return {};
}

std::string days(std::int64_t first, std::int64_t last) {
  const auto text = [](std::int64_t day) { return base::format_day(base::Day(std::chrono::days(day))); };
  return first == last ? text(first) : text(first) + " to " + text(last);
}

base::Failure ambiguous(const Replaced& replaced, const OverlappingPart& old) {
  std::string message = fmt::format(
      "of {}{}{}, billing period {}, the charges of {} are there already (from {}), and this brings {}: "
      "say whether it replaces them (--replace) or is a further part of the same bill (--add)",
      replaced.provider, replaced.billing_account.empty() ? "" : ", billing account ", replaced.billing_account,
      base::format_day(replaced.billing_period), days(old.first_day, old.last_day), fmt::join(replaced.files, ", "),
      days(old.first_new_day, old.last_new_day));
  return base::Failure(base::Error{base::ErrorKind::conflict, std::move(message), "restatement"});
}

base::Result<> replace(PublishingSteps& steps, Restatement restatement, const OverlappingPart& old,
                       Publication& publication, std::span<const std::string> known) {
  const auto files = steps.files_of(old.id);
  if (!files) return base::pass_on(files);
  auto provider = steps.text(old.provider);
  if (!provider) return base::pass_on(provider);
  auto billing_account = steps.text(old.billing_account);
  if (!billing_account) return base::pass_on(billing_account);
  Replaced replaced{std::move(*provider),
                    std::move(*billing_account),
                    base::Day(std::chrono::days(old.billing_period)),
                    old.rows,
                    {}};
  for (const StoredFile& file : *files) {
    if (std::find(known.begin(), known.end(), file.digest) != known.end()) publication.missing.push_back(file.digest);
    replaced.files.push_back(file.name);
    if (auto set = steps.replace_file(file.id); !set) return set;
  }
  if (restatement == Restatement::by_days && !old.is_covered() && publication.missing.empty())
    return ambiguous(replaced, old);
  publication.replaced.push_back(std::move(replaced));
  return steps.replace_part(old.id, old.by);
}

}  // namespace

base::Failure was_cleared_away() {
  return base::fail(base::ErrorKind::conflict,
                    "the delivery was cleared away, as nothing was added to it for an hour: take it in again");
}

base::Result<Publication> publish_delivery(PublishingSteps& steps, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for) {
  const auto loading = steps.is_loading(delivery.id);
  if (!loading) return base::pass_on(loading);
  if (!*loading) return was_cleared_away();
  if (const auto own = check_not_taken(steps, delivery.id, asked_for); !own) return base::pass_on(own);
  Publication publication;
  if (delivery.restatement != Restatement::add) {
    const auto old = steps.overlapping(delivery.id);
    if (!old) return base::pass_on(old);
    std::set<std::int64_t> seen;
    for (const OverlappingPart& each : *old) {
      if (!seen.insert(each.id).second) continue;
      if (const auto replaced = replace(steps, delivery.restatement, each, publication, known); !replaced)
        return base::pass_on(replaced);
    }
    if (!publication.missing.empty()) return publication;
  }
  if (const auto counts = steps.let_count(delivery, now); !counts) return base::pass_on(counts);
  return publication;
}

}  // namespace costagent
