#include "costagent/store/sqlite_store.h"

#include <fmt/format.h>

#include "costagent/store/advice.h"
#include "costagent/store/connection_pool.h"
#include "costagent/store/delivery_writer.h"
#include "costagent/store/dictionary.h"
#include "costagent/store/queries.h"
#include "costagent/store/source_facts.h"
#include "costagent/store/sqlite_fact_source.h"
#include "costagent/store/sqlite_feedback.h"
#include "costagent/store/sqlite_jobs.h"
#include "costagent/store/sqlite_leases.h"
#include "costagent/store/sqlite_load_sink.h"
#include "costagent/store/sqlite_publish.h"
#include "costagent/store/sqlite_watch.h"
#include "costagent/store/state.h"
#include "costagent/store/store_of.h"

namespace costagent {
namespace {

class SqliteFacts final : public SourceFacts {
 public:
  SqliteFacts(ConnectionPool& pool, const base::Clock& clock) : pool_(pool), clock_(clock) {}

  base::Result<bool> has_beginning(const std::string& customer, const std::string& beginning) override {
    auto connection = pool_.reader();
    if (!connection) return base::pass_on(connection);
    const auto select = (*connection)->cached(kHasBeginning);
    if (!select) return base::pass_on(select);
    (*select)->bind(1, customer);
    (*select)->bind(2, beginning);
    const auto found = (*select)->step();
    (*select)->reset();
    return found;
  }
  base::Result<std::unique_ptr<FactWriter>> begin(const Delivery& delivery) override {
    auto sink = make_sqlite_load_sink(pool_, written_, clock_, delivery);
    if (!sink) return base::pass_on(sink);
    return make_delivery_writer(std::move(*sink));
  }
  base::Result<bool> clear_leftovers() override {
    auto writer = pool_.writer();
    if (!writer) return base::pass_on(writer);
    const auto abandoned = std::chrono::floor<std::chrono::seconds>(clock_.utc() - kAbandonedAfter);
    const auto more = clear_some_leftovers(writer->connection, abandoned.time_since_epoch().count());
    if (!more || !*more) return more;
    if (const auto committed = writer->transaction.commit(); !committed) return base::pass_on(committed);
    return true;
  }

 protected:
  base::Result<std::unique_ptr<FactSource>> source() override {
    auto connection = pool_.reader();
    if (!connection) return base::pass_on(connection);
    return make_sqlite_fact_source(std::move(*connection), texts_, slices_);
  }

 private:
  ConnectionPool& pool_;
  const base::Clock& clock_;
  DictionaryWriter written_;  // used with the writing connection only
  RememberedTexts texts_;
  RememberedSlices slices_;
};

class SqliteState final : public StateStore {
 public:
  explicit SqliteState(ConnectionPool& pool) : pool_(pool) {}

  base::Result<> save(std::span<const Recommendation> recommendations) override {
    // Mostly the same advice is given again; then nothing is written, and no lock is taken.
    std::vector<const Recommendation*> changed;
    {
      auto connection = pool_.reader();
      if (!connection) return base::pass_on(connection);
      for (const Recommendation& recommendation : recommendations) {
        const auto known = read_recommendation(**connection, recommendation.id);
        if (!known) return base::pass_on(known);
        if (!*known || !same_advice(**known, recommendation)) changed.push_back(&recommendation);
      }
    }
    if (changed.empty()) return {};
    return write([&](io::Sqlite& connection) -> base::Result<> {
      for (const Recommendation* recommendation : changed) {
        if (auto written = write_recommendation(connection, *recommendation); !written) return written;
      }
      return {};
    });
  }

  base::Result<std::optional<Recommendation>> recommendation(const std::string& id) override {
    auto connection = pool_.reader();
    if (!connection) return base::pass_on(connection);
    return read_recommendation(**connection, id);
  }

  base::Result<std::vector<Recommendation>> recommendations(const std::string& customer, std::size_t limit,
                                                            std::size_t offset) override {
    auto connection = pool_.reader();
    if (!connection) return base::pass_on(connection);
    return list_recommendations(**connection, customer, limit, offset);
  }

  base::Result<bool> set_status(const std::string& id, RecommendationStatus status) override {
    bool found = false;
    const auto written = write([&](io::Sqlite& connection) -> base::Result<> {
      const auto updated = write_recommendation_status(connection, id, status);
      if (!updated) return base::pass_on(updated);
      found = *updated;
      return {};
    });
    if (!written) return base::pass_on(written);
    return found;
  }

  base::Result<std::int64_t> decisions_version(const std::string& customer) override {
    auto connection = pool_.reader();
    if (!connection) return base::pass_on(connection);
    return read_decisions_version(**connection, customer);
  }

 private:
  template <class Call>
  base::Result<> write(Call call) {
    auto writer = pool_.writer();
    if (!writer) return base::pass_on(writer);
    if (auto done = call(writer->connection); !done) return done;
    return writer->transaction.commit();
  }

  ConnectionPool& pool_;
};

using SqliteStore =
    StoreOf<ConnectionPool, SqliteFacts, SqliteState, SqliteJobs, SqliteLeases, SqliteWatch, SqliteFeedback>;

base::Result<std::string> read_identity(ConnectionPool& pool) {
  auto connection = pool.reader();
  if (!connection) return base::pass_on(connection);
  auto select = (*connection)->prepare(kIdentity);
  if (!select) return base::pass_on(select);
  const auto row = select->step();
  if (!row) return base::pass_on(row);
  if (!*row) return base::fail(base::ErrorKind::corrupt, "the database doesn't say which it is");
  return std::string(select->text(0));
}

}  // namespace

base::Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const base::Clock& clock) {
  auto pool = ConnectionPool::open(path);
  if (!pool) return base::pass_on(pool);
  auto identity = read_identity(**pool);
  if (!identity) return base::pass_on(identity);
  std::string instance = fmt::format("{}.{}", *identity, (*pool)->inode());
  return std::make_unique<SqliteStore>(std::move(*pool), std::move(*identity), std::move(instance), clock);
}

}  // namespace costagent
