#include "costagent/store/sqlite_publish.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include <fmt/ranges.h>

#include "costagent/store/load_sink.h"
#include "costagent/store/queries.h"
#include "costagent/store/rollup_sql.h"

namespace costagent {
namespace {

// Rows that one call clears: some 50 ms.
constexpr std::int64_t kChargesAtOnce = 20'000;
constexpr std::int64_t kBlocksAtOnce = 64;
constexpr std::int64_t kDaysAtOnce = 2;

base::Result<> run(io::Sqlite& connection, std::string_view sql, std::initializer_list<std::int64_t> values) {
  const auto statement = connection.cached(sql);
  if (!statement) return base::pass_on(statement);
  int parameter = 1;
  for (const std::int64_t value : values) (*statement)->bind(parameter++, value);
  return (*statement)->run();
}

base::Result<std::string> text_of(io::Sqlite& connection, std::int64_t id) {
  const auto select = connection.cached(kTextOfId);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, id);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  std::string text(*row ? (*select)->text(0) : std::string_view());
  (*select)->reset();
  return text;
}

// A part that this delivery takes the place of.
struct Old {
  std::int64_t id = 0;
  std::int64_t by = 0;
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

base::Result<std::vector<Old>> overlapping(io::Sqlite& connection, std::int64_t delivery) {
  const auto select = connection.cached(kOverlapping);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, delivery);
  std::vector<Old> found;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return found;
    const io::Statement& at = **select;
    found.push_back({at.integer(0), at.integer(1), at.integer(2), at.integer(3), at.integer(4), at.integer(5),
                     at.integer(6), at.integer(7), at.integer(8), at.integer(9)});
  }
}

struct OldFile {
  std::int64_t id = 0;
  std::string name;
  std::string digest;
};

base::Result<std::vector<OldFile>> files_of(io::Sqlite& connection, std::int64_t part) {
  const auto select = connection.cached(kFilesOfPart);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, part);
  std::vector<OldFile> found;
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return found;
    found.push_back({(*select)->integer(0), std::string((*select)->text(1)), std::string((*select)->text(2))});
  }
}

base::Result<> check_still_loading(io::Sqlite& connection, std::int64_t delivery) {
  const auto select = connection.cached(kStateOfDelivery);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, delivery);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  const bool loading = *row && (*select)->integer(0) == 0;
  (*select)->reset();
  if (loading) return {};
  return base::fail(base::ErrorKind::conflict,
                    "the delivery was cleared away, as nothing was added to it for an hour: take it in again");
}

base::Result<> check_not_taken(io::Sqlite& connection, std::int64_t delivery, const std::set<std::string>& asked_for) {
  const auto select = connection.cached(kTakenByOthers);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, delivery);
  for (;;) {
    const auto row = (*select)->step();
    if (!row) return base::pass_on(row);
    if (!*row) return {};
    if (asked_for.contains(std::string((*select)->text(1)))) continue;
    const std::string name((*select)->text(0));
    (*select)->reset();
    return base::Failure(base::Error{base::ErrorKind::conflict,
                                     fmt::format("{} was taken in by somebody else at the same time", name),
                                     std::string(FactWriter::kTaken)});
  }
}

std::string days(std::int64_t first, std::int64_t last) {
  const auto text = [](std::int64_t day) { return base::format_day(base::Day(std::chrono::days(day))); };
  return first == last ? text(first) : text(first) + " to " + text(last);
}

base::Failure ambiguous(const Replaced& replaced, const Old& old) {
  return base::fail(base::ErrorKind::conflict,
                    "of {}{}{}, billing period {}, the charges of {} are there already (from {}), and this brings {}: "
                    "say whether it replaces them (--replace) or is a further part of the same bill (--add)",
                    replaced.provider, replaced.billing_account.empty() ? "" : ", billing account ",
                    replaced.billing_account, base::format_day(replaced.billing_period),
                    days(old.first_day, old.last_day), fmt::join(replaced.files, ", "),
                    days(old.first_new_day, old.last_new_day));
}

base::Result<> replace(io::Sqlite& connection, Restatement restatement, const Old& old, Publication& publication,
                       std::span<const std::string> known) {
  const auto files = files_of(connection, old.id);
  if (!files) return base::pass_on(files);
  auto provider = text_of(connection, old.provider);
  if (!provider) return base::pass_on(provider);
  auto billing_account = text_of(connection, old.billing_account);
  if (!billing_account) return base::pass_on(billing_account);
  Replaced replaced{std::move(*provider),
                    std::move(*billing_account),
                    base::Day(std::chrono::days(old.billing_period)),
                    old.rows,
                    {}};
  for (const OldFile& file : *files) {
    if (std::find(known.begin(), known.end(), file.digest) != known.end()) publication.missing.push_back(file.digest);
    replaced.files.push_back(file.name);
    if (auto set = run(connection, kReplaceFile, {file.id}); !set) return set;
  }
  if (restatement == Restatement::by_days && !old.is_covered() && publication.missing.empty())
    return ambiguous(replaced, old);
  publication.replaced.push_back(std::move(replaced));
  return run(connection, kReplacePart, {old.by, old.id});
}

struct Leftover {
  std::int64_t part = 0;
  std::int64_t customer = 0;
  PartKind kind = PartKind::charges;
  std::int64_t first_day = 0;
  std::int64_t last_day = 0;
};

base::Result<std::optional<Leftover>> leftover(io::Sqlite& connection, const char* sql,
                                               std::initializer_list<std::int64_t> values) {
  const auto select = connection.cached(sql);
  if (!select) return base::pass_on(select);
  int parameter = 1;
  for (const std::int64_t value : values) (*select)->bind(parameter++, value);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return std::optional<Leftover>();
  const io::Statement& at = **select;
  const Leftover found{at.integer(0), at.integer(1), static_cast<PartKind>(at.integer(2)), at.integer(3),
                       at.integer(4)};
  (*select)->reset();
  return std::optional(found);
}

// True once nothing of it is left.
base::Result<bool> clear_charges(io::Sqlite& connection, const Leftover& part) {
  const auto clear = [&](const char* sql, std::initializer_list<std::int64_t> values) -> base::Result<std::int64_t> {
    if (const auto cleared = run(connection, sql, values); !cleared) return base::pass_on(cleared);
    return connection.changes();
  };
  const auto charges = clear(kClearCharges, {charge_id(part.part, 0), charge_id(part.part + 1, 0), kChargesAtOnce});
  if (!charges) return base::pass_on(charges);
  if (*charges == kChargesAtOnce) return false;
  const auto blocks = clear(kClearRawBlocks, {part.part, kBlocksAtOnce});
  if (!blocks) return base::pass_on(blocks);
  if (*blocks == kBlocksAtOnce) return false;
  const std::int64_t end = std::min(part.first_day + kDaysAtOnce, part.last_day + 1);
  for (std::int64_t day = part.first_day; day < end; ++day) {
    for (const Rollup rollup : kRollups) {
      // A month goes with each of its days that is cleared; after the first there is nothing left of it.
      const std::int64_t time = rollup.grain == Grain::month ? month_of(day) : day;
      if (const auto cleared = run(connection, clear_rollup_sql(rollup), {part.customer, time, part.part}); !cleared)
        return base::pass_on(cleared);
    }
  }
  if (end > part.last_day) return true;
  if (const auto set = run(connection, kSetFirstDay, {end, part.part}); !set) return base::pass_on(set);
  return false;
}

base::Result<bool> clear_part(io::Sqlite& connection, const Leftover& part) {
  if (part.kind == PartKind::charges) return clear_charges(connection, part);
  const auto cleared = part.kind == PartKind::utilisation
                           ? run(connection, kClearUtilisation, {part.customer, part.part})
                           : run(connection, kClearCommitments, {part.part});
  if (!cleared) return base::pass_on(cleared);
  return true;
}

}  // namespace

base::Result<Publication> publish_delivery(io::Sqlite& connection, const LoadedDelivery& delivery, std::int64_t now,
                                           std::span<const std::string> known, const std::set<std::string>& asked_for) {
  if (const auto loading = check_still_loading(connection, delivery.id); !loading) return base::pass_on(loading);
  if (const auto own = check_not_taken(connection, delivery.id, asked_for); !own) return base::pass_on(own);
  Publication publication;
  if (delivery.restatement != Restatement::add) {
    const auto old = overlapping(connection, delivery.id);
    if (!old) return base::pass_on(old);
    std::set<std::int64_t> seen;
    for (const Old& each : *old) {
      if (!seen.insert(each.id).second) continue;
      if (const auto replaced = replace(connection, delivery.restatement, each, publication, known); !replaced)
        return base::pass_on(replaced);
    }
    if (!publication.missing.empty()) return publication;
  }
  for (const char* sql : {kPublishFiles, kPublishParts}) {
    if (const auto done = run(connection, sql, {delivery.id}); !done) return base::pass_on(done);
  }
  if (const auto done = run(connection, kPublishDelivery, {delivery.id, now}); !done) return base::pass_on(done);
  if (const auto done = run(connection, kNextVersion, {delivery.customer}); !done) return base::pass_on(done);
  return publication;
}

base::Result<bool> clear_some_leftovers(io::Sqlite& connection, std::int64_t abandoned) {
  const auto replaced = leftover(connection, kReplacedPart, {});
  if (!replaced) return base::pass_on(replaced);
  if (*replaced) {
    const auto cleared = clear_part(connection, **replaced);
    if (!cleared) return base::pass_on(cleared);
    if (*cleared) {
      if (const auto set = run(connection, kPartIsCleared, {(*replaced)->part}); !set) return base::pass_on(set);
    }
    return true;
  }
  const auto select = connection.cached(kAbandonedDelivery);
  if (!select) return base::pass_on(select);
  (*select)->bind(1, abandoned);
  const auto row = (*select)->step();
  if (!row) return base::pass_on(row);
  if (!*row) return false;
  const std::int64_t delivery = (*select)->integer(0);
  (*select)->reset();
  const auto part = leftover(connection, kPartOfDelivery, {delivery});
  if (!part) return base::pass_on(part);
  if (!*part) {
    for (const char* sql : {kRemoveFiles, kRemoveDelivery}) {
      if (const auto removed = run(connection, sql, {delivery}); !removed) return base::pass_on(removed);
    }
    return true;
  }
  const auto cleared = clear_part(connection, **part);
  if (!cleared) return base::pass_on(cleared);
  if (!*cleared) return true;
  for (const char* sql : {kRemovePartCosts, kRemoveLinks, kRemovePart}) {
    if (const auto removed = run(connection, sql, {(*part)->part}); !removed) return base::pass_on(removed);
  }
  return true;
}

}  // namespace costagent
