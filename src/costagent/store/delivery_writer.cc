#include "costagent/store/delivery_writer.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "costagent/domain/provider.h"
#include "costagent/store/coverage_sums.h"
#include "costagent/store/price_sums.h"
#include "costagent/store/raw_lines.h"
#include "costagent/store/slice_memo.h"
#include "costagent/store/sums.h"

namespace costagent {
namespace {

// Charges that are written in one transaction: little enough that others who write wait some 20 ms.
constexpr std::size_t kChunk = 8192;
// Charges between two looks at whether the database takes more of the chunk before: about a millisecond.
constexpr std::size_t kBetweenAdvances = 256;
// Raw lines are packed this many bytes at a time: enough to pack well, little enough to unpack for one line.
constexpr std::size_t kRawBlock = std::size_t{256} * 1024;
// Raw lines of all parts that wait for their blocks to fill.
constexpr std::size_t kMaxRaw = std::size_t{16} * 1024 * 1024;
// A bill has a dozen of them; a hundred years of a hundred accounts are no bill.
constexpr std::size_t kMaxParts = 100'000;

std::int64_t day_of(base::Seconds time) {
  return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

std::int64_t seconds_of(base::Seconds time) { return time.time_since_epoch().count(); }

// What this delivery has of one partition.
struct Part {
  PartExtent extent;
  RawLines raw;
  std::int64_t linked_file = 0;
  std::map<std::int64_t, Costs> costs;  // by currency
};

using PartitionName = std::tuple<PartKind, std::string, std::string, std::int64_t>;

class DeliveryWriter final : public FactWriter {
 public:
  explicit DeliveryWriter(std::unique_ptr<LoadSink> sink) : sink_(std::move(sink)) {}

  base::Result<> begin_file(const SourceFile& file) override {
    return chunk([&]() -> base::Result<> {
      const auto id = sink_->add_file(file);
      if (!id) return base::pass_on(id);
      file_ = *id;
      return {};
    });
  }

  base::Result<> add(const Charge& charge, std::string_view raw) override {
    const std::uint32_t slice = slices_.find_or_add(charge);
    const auto part = part_of(charge, slice);
    if (!part) return base::pass_on(part);
    const std::int64_t day = day_of(charge.period_start);
    Part& at = parts_[*part];
    widen(at.extent, day);
    const Costs costs = charge.costs();
    coverage_.add(slice, *part, charge);
    sums_.add(slice, *part, day, costs, coverage_.is_of_use(slice) ? charge.consumed_quantity : base::Decimal());
    prices_.add(slice, *part, day, charge);
    charges_.push_back({*part, at.extent.rows++, slice, seconds_of(charge.period_start),
                        seconds_of(charge.period_end) - seconds_of(charge.period_start), charge.consumed_quantity,
                        costs});
    raw_bytes_ += raw.size() + 1;
    at.raw.add(raw);
    if (at.raw.text.size() >= kRawBlock) {
      if (auto packed = pack(at); !packed) return packed;
    }
    return flush_if_full();
  }

  base::Result<> add(const UtilisationSample& sample) override {
    const auto part = part_of_kind(PartKind::utilisation);
    if (!part) return base::pass_on(part);
    Part& at = parts_[*part];
    const std::int64_t day = day_of(sample.hour);
    widen(at.extent, day);
    ++at.extent.rows;
    const auto resource = resource_of(sample.resource_id);
    if (!resource) return base::pass_on(resource);
    utilisation_.add(*resource, day, sample);
    utilisation_part_ = *part;
    return utilisation_.full() ? chunk([] { return base::Result<>(); }) : base::Result<>();
  }

  base::Result<> add(const Commitment& commitment) override {
    const auto part = part_of_kind(PartKind::commitments);
    if (!part) return base::pass_on(part);
    ++parts_[*part].extent.rows;
    commitments_part_ = *part;
    commitments_.push_back(commitment);
    return commitments_.size() >= kChunk ? chunk([] { return base::Result<>(); }) : base::Result<>();
  }

  base::Result<> end_file(const std::string& digest, const FileTally& tally) override {
    for (Part& part : parts_) {
      if (auto packed = pack(part); !packed) return packed;
    }
    return chunk([&] { return sink_->end_file(file_, digest, tally); });
  }

  base::Result<Publication> publish(std::span<const std::string> known) override {
    const auto written = chunk([&]() -> base::Result<> {
      if (auto flushed = flush_sums(); !flushed) return flushed;
      for (const Part& part : parts_) {
        for (const auto& [currency, costs] : part.costs) {
          if (auto set = sink_->set_costs({part.extent.part, currency, costs}); !set) return set;
        }
      }
      return {};
    });
    if (!written) return base::pass_on(written);
    auto published = sink_->publish(known);
    if (published) published->prices_cut = prices_.cut();
    return published;
  }

 private:
  static void widen(PartExtent& extent, std::int64_t day) {
    if (extent.last_day < extent.first_day) extent.first_day = extent.last_day = day;
    extent.first_day = std::min(extent.first_day, day);
    extent.last_day = std::max(extent.last_day, day);
  }

  // Mostly the one that the slice's charge before was of.
  base::Result<std::uint32_t> part_of(const Charge& charge, std::uint32_t slice) {
    if (slice >= last_parts_.size()) last_parts_.resize(slice + 1, {-1, 0});
    auto& [period, part] = last_parts_[slice];
    const std::int64_t wanted = day_of(charge.billing_period_start);
    if (period == wanted && parts_[part].linked_file == file_) return part;
    const auto found = find_or_add_part(
        {PartKind::charges, std::string(usual_name(charge.provider)), charge.billing_account_id, wanted});
    if (!found) return base::pass_on(found);
    period = wanted;
    part = *found;
    return part;
  }

  base::Result<std::uint32_t> part_of_kind(PartKind kind) { return find_or_add_part({kind, "", "", 0}); }

  base::Result<std::uint32_t> find_or_add_part(const PartKey& key) {
    const auto [at, added] =
        part_numbers_.try_emplace(PartitionName(key.kind, key.provider, key.billing_account, key.billing_period),
                                  static_cast<std::uint32_t>(parts_.size()));
    if (!added && parts_[at->second].linked_file == file_) return at->second;
    if (added && parts_.size() >= kMaxParts) {
      return base::fail(base::ErrorKind::too_large, "the bill has more than {} billing periods and accounts",
                        kMaxParts);
    }
    if (added) {
      parts_.emplace_back();
      new_parts_.push_back({at->second, key});
    }
    Part& part = parts_[at->second];
    part.linked_file = file_;
    new_links_.emplace_back(file_, at->second);
    return at->second;
  }

  base::Result<std::int64_t> resource_of(const std::string& text) {
    if (const auto known = resources_.find(text); known != resources_.end()) return known->second;
    std::int64_t id = 0;
    const auto found = chunk([&] {
      const std::string_view view = text;
      return sink_->text_ids({&view, 1}, {&id, 1});
    });
    if (!found) return base::pass_on(found);
    if (resources_.size() >= kMaxResources) resources_.clear();
    resources_.emplace(text, id);
    return id;
  }

  base::Result<> pack(Part& part) {
    if (part.raw.lines == 0) return {};
    auto packed = packer_.pack(part.raw.text);
    if (!packed) return base::pass_on(packed);
    const auto number = static_cast<std::int64_t>(&part - parts_.data());
    blocks_.push_back({number, part.raw.first, part.linked_file, part.raw.lines,
                       static_cast<std::int64_t>(part.raw.text.size()), std::move(*packed)});
    raw_bytes_ -= part.raw.text.size();
    part.raw.first += part.raw.lines;
    part.raw.lines = 0;
    part.raw.text.clear();
    return {};
  }

  base::Result<> flush_if_full() {
    const bool many = raw_bytes_ >= kMaxRaw;
    if (many) {
      for (Part& part : parts_) {
        if (auto packed = pack(part); !packed) return packed;
      }
    }
    const bool sums = slices_.full() || sums_.full();
    const bool details = coverage_.full() || prices_.full();
    if (!many && !sums && !details && charges_.size() < kChunk)
      return charges_.size() % kBetweenAdvances == 0 ? sink_->advance() : base::Result<>();
    const auto written = chunk([&] {
      if (sums) return flush_sums();
      return details ? flush_details() : base::Result<>();
    });
    if (!written) return written;
    if (slices_.full()) {
      // Their sums are written, so that nothing holds a local number any more.
      slices_.clear();
      coverage_.forget_slices();
      last_parts_.clear();
    }
    return {};
  }

  // One transaction with what is waiting, and what `also` adds.
  template <class Also>
  base::Result<> chunk(Also also) {
    if (auto begun = sink_->begin_chunk(); !begun) return begun;
    if (auto flushed = flush(); !flushed) return flushed;
    if (auto done = also(); !done) return done;
    return sink_->commit_chunk();
  }

  base::Result<> flush() {
    if (auto added = add_parts(); !added) return added;
    if (auto resolved = slices_.resolve(*sink_); !resolved) return resolved;
    if (auto flushed = flush_others(); !flushed) return flushed;
    // They come last, as the database may still be at them when the next lines are read.
    for (ChargeRow& row : charges_) {
      row.part = parts_[static_cast<std::size_t>(row.part)].extent.part;
      row.slice = slices_.id(static_cast<std::uint32_t>(row.slice));
    }
    if (!charges_.empty()) {
      if (auto added = sink_->add(charges_); !added) return added;
    }
    charges_.clear();
    return {};
  }

  base::Result<> flush_others() {
    for (RawBlock& block : blocks_) {
      block.part = parts_[static_cast<std::size_t>(block.part)].extent.part;
      if (auto added = sink_->add(block); !added) return added;
    }
    blocks_.clear();
    if (utilisation_.full()) {
      if (auto flushed = utilisation_.flush(*sink_, parts_[utilisation_part_].extent.part); !flushed) return flushed;
    }
    if (commitments_.empty()) return {};
    auto added = sink_->add(parts_[commitments_part_].extent.part, commitments_);
    commitments_.clear();
    return added;
  }

  base::Result<> add_parts() {
    for (const auto& [number, key] : new_parts_) {
      const auto id = sink_->add_part(key);
      if (!id) return base::pass_on(id);
      parts_[number].extent.part = *id;
    }
    new_parts_.clear();
    for (const auto& [file, number] : new_links_) {
      if (auto linked = sink_->link(file, parts_[number].extent.part); !linked) return linked;
    }
    new_links_.clear();
    return {};
  }

  std::vector<std::int64_t> part_ids() const {
    std::vector<std::int64_t> ids;
    ids.reserve(parts_.size());
    for (const Part& part : parts_) ids.push_back(part.extent.part);
    return ids;
  }

  // What is told besides costs.
  base::Result<> flush_details() {
    const std::vector<std::int64_t> parts = part_ids();
    if (!coverage_.empty()) {
      if (auto flushed = coverage_.flush(*sink_, slices_, parts); !flushed) return flushed;
    }
    return prices_.empty() ? base::Result<>() : prices_.flush(*sink_, slices_, parts);
  }

  base::Result<> flush_sums() {
    if (auto flushed = flush_details(); !flushed) return flushed;
    const std::vector<std::int64_t> parts = part_ids();
    for (const Part& part : parts_) {
      // So that whoever clears it away knows which days to look at.
      if (auto set = sink_->set_extent(part.extent); !set) return set;
    }
    const auto told = [this](std::uint32_t part, std::int64_t currency, const Costs& costs) {
      parts_[part].costs[currency] += costs;
    };
    if (!sums_.empty()) {
      if (auto flushed = sums_.flush(*sink_, slices_, parts, told); !flushed) return flushed;
    }
    if (utilisation_.empty()) return {};
    return utilisation_.flush(*sink_, parts_[utilisation_part_].extent.part);
  }

  static constexpr std::size_t kMaxResources = 100'000;  // whose numbers are remembered: 20 MB

  std::unique_ptr<LoadSink> sink_;
  std::int64_t file_ = 0;
  std::vector<Part> parts_;
  std::map<PartitionName, std::uint32_t> part_numbers_;
  std::vector<std::pair<std::uint32_t, PartKey>> new_parts_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> new_links_;
  std::vector<std::pair<std::int64_t, std::uint32_t>> last_parts_;  // by slice: the billing period, and the part
  SliceMemo slices_;
  CostSums sums_;
  CoverageSums coverage_;
  PriceSums prices_;
  std::vector<ChargeRow> charges_;  // their parts and slices by local number
  std::vector<RawBlock> blocks_;
  std::size_t raw_bytes_ = 0;
  Packer packer_;
  UtilisationSums utilisation_;
  std::uint32_t utilisation_part_ = 0;
  std::unordered_map<std::string, std::int64_t> resources_;
  std::vector<Commitment> commitments_;
  std::uint32_t commitments_part_ = 0;
};

}  // namespace

std::unique_ptr<FactWriter> make_delivery_writer(std::unique_ptr<LoadSink> sink) {
  return std::make_unique<DeliveryWriter>(std::move(sink));
}

}  // namespace costagent
