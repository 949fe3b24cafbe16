#include "costagent/store/sqlite_publish.h"

#include <algorithm>
#include <initializer_list>

#include "costagent/store/load_sink.h"
#include "costagent/store/queries.h"
#include "costagent/store/rollup_sql.h"
#include "costagent/store/sqlite_details.h"

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

class SqlitePublishing final : public PublishingSteps {
 public:
  explicit SqlitePublishing(io::Sqlite& connection) : connection_(connection) {}

  base::Result<bool> is_loading(std::int64_t delivery) override {
    bool loading = false;
    const auto read = each(kStateOfDelivery, delivery, [&](const io::Statement& at) { loading = at.integer(0) == 0; });
    if (!read) return base::pass_on(read);
    return loading;
  }

  base::Result<std::vector<StoredFile>> taken_by_others(std::int64_t delivery) override {
    return files(kTakenByOthers, delivery);
  }

  base::Result<std::vector<OverlappingPart>> overlapping(std::int64_t delivery) override {
    std::vector<OverlappingPart> found;
    const auto read = each(kOverlapping, delivery, [&](const io::Statement& at) {
      found.push_back({at.integer(0), at.integer(1), at.integer(2), at.integer(3), at.integer(4), at.integer(5),
                       at.integer(6), at.integer(7), at.integer(8), at.integer(9)});
    });
    if (!read) return base::pass_on(read);
    return found;
  }

  base::Result<std::vector<StoredFile>> files_of(std::int64_t part) override { return files(kFilesOfPart, part); }

  base::Result<std::string> text(std::int64_t id) override {
    std::string text;
    const auto read = each(kTextOfId, id, [&](const io::Statement& at) { text = at.text(0); });
    if (!read) return base::pass_on(read);
    return text;
  }

  base::Result<> replace_file(std::int64_t file) override { return run(connection_, kReplaceFile, {file}); }
  base::Result<> replace_part(std::int64_t part, std::int64_t by) override {
    return run(connection_, kReplacePart, {by, part});
  }

  base::Result<> let_count(const LoadedDelivery& delivery, std::int64_t now) override {
    for (const char* sql : {kPublishFiles, kPublishParts}) {
      if (auto done = run(connection_, sql, {delivery.id}); !done) return done;
    }
    if (auto done = run(connection_, kPublishDelivery, {delivery.id, now}); !done) return done;
    return run(connection_, kNextVersion, {delivery.customer});
  }

 private:
  // Reads all rows of a statement with one parameter.
  template <class Read>
  base::Result<> each(const char* sql, std::int64_t parameter, Read read) {
    const auto select = connection_.cached(sql);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, parameter);
    for (;;) {
      const auto row = (*select)->step();
      if (!row) return base::pass_on(row);
      if (!*row) return {};
      read(**select);
    }
  }

  base::Result<std::vector<StoredFile>> files(const char* sql, std::int64_t parameter) {
    std::vector<StoredFile> found;
    const auto read = each(sql, parameter, [&](const io::Statement& at) {
      found.push_back({at.integer(0), std::string(at.text(1)), std::string(at.text(2))});
    });
    if (!read) return base::pass_on(read);
    return found;
  }

  io::Sqlite& connection_;
};

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
  const auto details = clear_details(connection, part.part);
  if (!details || !*details) return details;
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
  SqlitePublishing steps(connection);
  return publish_delivery(steps, delivery, now, known, asked_for);
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
