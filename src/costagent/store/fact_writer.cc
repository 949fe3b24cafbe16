#include "costagent/store/fact_writer.h"

#include <zlib.h>

#include <unordered_set>

#include "costagent/domain/names.h"
#include "costagent/store/queries.h"
#include "costagent/store/rollups.h"

namespace costagent {
namespace {

// Raw lines are packed this many bytes at a time: enough to pack well, little enough to unpack for one line.
constexpr std::size_t kRawBlock = std::size_t{256} * 1024;

// Resources whose naming is remembered: 10 MB.
constexpr std::size_t kMaxNamed = 250'000;

// zlib's quickest level packs bills 10:1 already.
constexpr int kPackingLevel = 1;

std::int64_t day_of(base::Seconds time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

class SqliteFactWriter final : public FactWriter {
 public:
  SqliteFactWriter(ConnectionPool::Writer writer, DictionaryWriter& dictionary, std::int64_t customer,
                   std::int64_t file)
      : writer_(std::move(writer)),
        dictionary_(dictionary),
        customer_(customer),
        file_(file),
        rollups_(customer, file) {}

  ~SqliteFactWriter() override {
    // What the dictionary learnt in a transaction that is rolled back is not in the database.
    if (!committed_) dictionary_.forget();
  }

  base::Result<> add(const Charge& charge, std::string_view raw) override {
    ChargeIds ids;
    if (auto found = look_up(charge, ids); !found) return found;
    if (auto inserted = insert(charge, ids); !inserted) return inserted;
    if (auto named = name_resource(charge, ids.resource); !named) return named;
    const ServiceKey key = {
        day_of(charge.period_start), ids.provider, ids.account, ids.service, ids.region, ids.category, ids.currency};
    rollups_.add_cost(key, ids.resource, charge.billed_cost, charge.effective_cost);
    if (auto kept = keep_raw(raw); !kept) return kept;
    return flush_if_full();
  }

  base::Result<> add(const UtilisationSample& sample) override {
    const auto resource = dictionary_.id(writer_.connection, sample.resource_id);
    if (!resource) return base::pass_on(resource);
    rollups_.add_utilisation(*resource, day_of(sample.hour), sample);
    return flush_if_full();
  }

  base::Result<> commit(const FileTally& tally) override {
    if (auto flushed = rollups_.flush(writer_.connection); !flushed) return flushed;
    if (auto flushed = flush_raw(); !flushed) return flushed;
    const auto update = writer_.connection.cached(kFinishFile);
    if (!update) return base::pass_on(update);
    const std::string billed = tally.billed_cost.to_string();
    const std::string effective = tally.effective_cost.to_string();
    (*update)->bind(1, tally.rows).bind(2, tally.rejected);
    (*update)->bind(3, std::string_view(billed)).bind(4, std::string_view(effective)).bind(5, file_);
    if (auto updated = (*update)->run(); !updated) return updated;
    auto committed = writer_.transaction.commit();
    committed_ = committed.has_value();
    return committed;
  }

 private:
  // Dictionary numbers of a charge's texts.
  struct ChargeIds {
    std::int64_t provider = 0;
    std::int64_t billing_account = 0;
    std::int64_t account = 0;
    std::int64_t category = 0;
    std::int64_t charge_class = 0;
    std::int64_t service = 0;
    std::int64_t region = 0;
    std::int64_t resource = 0;
    std::int64_t sku = 0;
    std::int64_t pricing_category = 0;
    std::int64_t commitment = 0;
    std::int64_t commitment_status = 0;
    std::int64_t unit = 0;
    std::int64_t tags = 0;
    std::int64_t currency = 0;
  };

  base::Result<> look_up(const Charge& charge, ChargeIds& ids) {
    const std::pair<std::string_view, std::int64_t*> wanted[] = {
        {charge.provider, &ids.provider},
        {charge.billing_account_id, &ids.billing_account},
        {charge.sub_account_id, &ids.account},
        {name_of(charge.category), &ids.category},
        {charge.charge_class, &ids.charge_class},
        {charge.service, &ids.service},
        {charge.region, &ids.region},
        {charge.resource_id, &ids.resource},
        {charge.sku_id, &ids.sku},
        {charge.pricing_category, &ids.pricing_category},
        {charge.commitment_id, &ids.commitment},
        {charge.commitment_status, &ids.commitment_status},
        {charge.consumed_unit, &ids.unit},
        {charge.tags, &ids.tags},
        {charge.currency, &ids.currency},
    };
    for (const auto& [text, id] : wanted) {
      const auto found = dictionary_.id(writer_.connection, text);
      if (!found) return base::pass_on(found);
      *id = *found;
    }
    return {};
  }

  base::Result<> insert(const Charge& charge, const ChargeIds& ids) {
    const auto insert = writer_.connection.cached(kAddCharge);
    if (!insert) return base::pass_on(insert);
    int parameter = 1;
    for (const std::int64_t value :
         {file_, seconds_of(charge.period_start), seconds_of(charge.period_end),
          seconds_of(charge.billing_period_start), ids.provider, ids.billing_account, ids.account, ids.category,
          ids.charge_class, ids.service, ids.region, ids.resource, ids.sku, ids.pricing_category, ids.commitment,
          ids.commitment_status, ids.unit, ids.tags, ids.currency}) {
      (*insert)->bind(parameter++, value);
    }
    const std::string amounts[] = {charge.consumed_quantity.to_string(), charge.billed_cost.to_string(),
                                   charge.effective_cost.to_string(), charge.list_cost.to_string(),
                                   charge.contracted_cost.to_string()};
    for (const std::string& amount : amounts) (*insert)->bind(parameter++, std::string_view(amount));
    return (*insert)->run();
  }

  // Once a file and resource: its name and type hardly change within a file. To forget which were named only costs
  // naming them again.
  base::Result<> name_resource(const Charge& charge, std::int64_t resource) {
    if (named_.size() >= kMaxNamed) named_.clear();
    if (charge.resource_id.empty() || !named_.insert(resource).second) return {};
    const auto name = dictionary_.id(writer_.connection, charge.resource_name);
    if (!name) return base::pass_on(name);
    const auto type = dictionary_.id(writer_.connection, charge.resource_type);
    if (!type) return base::pass_on(type);
    const auto insert = writer_.connection.cached(kNameResource);
    if (!insert) return base::pass_on(insert);
    return (*insert)->bind(1, customer_).bind(2, resource).bind(3, *name).bind(4, *type).run();
  }

  base::Result<> keep_raw(std::string_view raw) {
    raw_ += raw;
    raw_ += '\n';
    ++raw_lines_;
    return raw_.size() >= kRawBlock ? flush_raw() : base::Result<>();
  }

  base::Result<> flush_raw() {
    if (raw_lines_ == 0) return {};
    uLongf size = ::compressBound(raw_.size());
    packed_.resize(size);
    const int code = ::compress2(reinterpret_cast<Bytef*>(packed_.data()), &size,
                                 reinterpret_cast<const Bytef*>(raw_.data()), raw_.size(), kPackingLevel);
    if (code != Z_OK) return base::fail(base::ErrorKind::internal, "zlib can't pack {} bytes", raw_.size());
    const auto insert = writer_.connection.cached(kAddRawBlock);
    if (!insert) return base::pass_on(insert);
    (*insert)
        ->bind(1, file_)
        .bind(2, raw_blocks_++)
        .bind(3, raw_lines_)
        .bind(4, static_cast<std::int64_t>(raw_.size()));
    (*insert)->bind_blob(5, {packed_.data(), size});
    raw_.clear();
    raw_lines_ = 0;
    return (*insert)->run();
  }

  base::Result<> flush_if_full() { return rollups_.full() ? rollups_.flush(writer_.connection) : base::Result<>(); }

  ConnectionPool::Writer writer_;
  DictionaryWriter& dictionary_;
  std::int64_t customer_;
  std::int64_t file_;
  Rollups rollups_;
  std::unordered_set<std::int64_t> named_;
  std::string raw_;
  std::string packed_;
  std::int64_t raw_lines_ = 0;
  std::int64_t raw_blocks_ = 0;
  bool committed_ = false;
};

struct FileIds {
  std::int64_t customer = 0;
  std::int64_t file = 0;
};

base::Result<FileIds> add_file(io::Sqlite& connection, DictionaryWriter& dictionary, const SourceFile& file) {
  const auto customer = dictionary.id(connection, file.customer);
  if (!customer) return base::pass_on(customer);
  const auto insert = connection.cached(kAddFile);
  if (!insert) return base::pass_on(insert);
  (*insert)->bind(1, *customer).bind(2, std::string_view(file.digest)).bind(3, std::string_view(file.name));
  (*insert)->bind(4, std::string_view(file.header));
  const auto inserted = (*insert)->run();
  if (inserted) return FileIds{*customer, connection.last_insert_id()};
  if (inserted.error().kind != base::ErrorKind::conflict) return base::pass_on(inserted);
  return base::fail(base::ErrorKind::conflict, "{} was taken in before", file.name);
}

}  // namespace

base::Result<std::unique_ptr<FactWriter>> begin_fact_writer(ConnectionPool& pool, DictionaryWriter& dictionary,
                                                            const SourceFile& file) {
  auto writer = pool.writer();
  if (!writer) return base::pass_on(writer);
  const auto ids = add_file(writer->connection, dictionary, file);
  if (!ids) {
    dictionary.forget();  // the customer may be one that the rollback takes away again
    return base::pass_on(ids);
  }
  return std::make_unique<SqliteFactWriter>(std::move(*writer), dictionary, ids->customer, ids->file);
}

}  // namespace costagent
