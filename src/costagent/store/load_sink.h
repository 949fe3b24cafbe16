// Where a delivery is written to: what a database must be able to do for DeliveryWriter.
//
// What is added is seen by no reader until `publish`. Everything is written within chunks, each of which is one
// transaction: other writers take their turn between them. Used by one thread. Errors as in domain/fact_store.h; after
// one, the sink is of no more use.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "costagent/domain/fact_store.h"
#include "costagent/store/detail_rows.h"
#include "costagent/store/rollup.h"
#include "costagent/store/slice.h"

namespace costagent {

// What one delivery brings of one partition (domain/fact_store.h). Each kind of facts has parts of its own.
enum class PartKind : std::uint8_t { charges, utilisation, commitments };
struct PartKey {
  PartKind kind = PartKind::charges;
  std::string provider;         // by the first of a cloud's names
  std::string billing_account;  // these three are empty and 0 for what is no charge
  std::int64_t billing_period = 0;
};

// Days [first, last] and the number of what a part has so far.
struct PartExtent {
  std::int64_t part = 0;
  std::int64_t first_day = 0;
  std::int64_t last_day = -1;
  std::int64_t rows = 0;
};

struct PartCosts {
  std::int64_t part = 0;
  std::int64_t currency = 0;
  Costs costs;
};

struct ChargeRow {
  std::int64_t part = 0;
  std::int64_t number = 0;  // within the part, from 0: that of its raw line, too
  std::int64_t slice = 0;
  std::int64_t start = 0;    // seconds since 1970
  std::int64_t seconds = 0;  // that it lasts
  base::Decimal quantity;
  Costs costs;
};

// A charge's id: a part lies together in its table.
constexpr std::int64_t charge_id(std::int64_t part, std::int64_t number) { return (part << 32) + number; }

// Raw lines of a part, from the one of number `number`, each with a line end, packed by zstd.
struct RawBlock {
  std::int64_t part = 0;
  std::int64_t number = 0;
  std::int64_t file = 0;
  std::int64_t lines = 0;
  std::int64_t size = 0;  // unpacked, in bytes
  std::string packed;
};

struct ResourceName {
  std::int64_t resource = 0;
  std::int64_t name = 0;
  std::int64_t type = 0;
};

struct UtilisationRow {
  std::int64_t resource = 0;
  std::int64_t day = 0;
  std::int64_t part = 0;
  std::int64_t flush = 0;
  std::int64_t hours = 0;
  double cpu_sum = 0;
  double cpu_max = 0;
  double memory_sum = 0;
  double memory_max = 0;
  double network_sum = 0;
  double disk_sum = 0;
};

class LoadSink {
 public:
  virtual ~LoadSink() = default;

  virtual base::Result<> begin_chunk() = 0;
  // Also tells now and then that the delivery is being worked on.
  virtual base::Result<> commit_chunk() = 0;

  // Sends on what the database has not taken yet, without waiting. Called now and then between chunks, so that it works
  // while the next lines are read.
  virtual base::Result<> advance() { return {}; }

  // The numbers of texts and of slices, which are added where they are new.
  virtual base::Result<> text_ids(std::span<const std::string_view> texts, std::span<std::int64_t> ids) = 0;
  virtual base::Result<> slice_ids(std::span<const SliceIds> slices, std::span<std::int64_t> ids) = 0;

  virtual base::Result<std::int64_t> add_file(const SourceFile& file) = 0;
  virtual base::Result<> end_file(std::int64_t file, const std::string& digest, const FileTally& tally) = 0;
  virtual base::Result<std::int64_t> add_part(const PartKey& key) = 0;
  virtual base::Result<> link(std::int64_t file, std::int64_t part) = 0;
  virtual base::Result<> set_extent(const PartExtent& extent) = 0;
  virtual base::Result<> set_costs(const PartCosts& costs) = 0;

  virtual base::Result<> add(std::span<const ChargeRow> charges) = 0;
  virtual base::Result<> add(const RawBlock& block) = 0;
  virtual base::Result<> add(std::span<const ResourceName> names) = 0;
  virtual base::Result<> add(Rollup rollup, std::span<const RollupRow> rows) = 0;
  virtual base::Result<> add(std::span<const UtilisationRow> rows) = 0;
  virtual base::Result<> add(std::int64_t part, std::span<const Commitment> commitments) = 0;
  virtual base::Result<> add(CoverageGrain grain, std::span<const CoverageRow> rows) = 0;  // of months or days
  virtual base::Result<> add(std::span<const PriceRow> rows) = 0;
  virtual base::Result<> add(std::span<const InventoryRow> rows) = 0;

  // FactWriter::publish, in one transaction of its own, outside of chunks.
  virtual base::Result<Publication> publish(std::span<const std::string> known) = 0;
};

}  // namespace costagent
