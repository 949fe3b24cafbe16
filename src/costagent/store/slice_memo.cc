#include "costagent/store/slice_memo.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "costagent/domain/names.h"

namespace costagent {
namespace {

// A charge's texts in the order of SliceColumn.
std::array<std::string_view, kSliceColumns> texts_of(const Charge& charge) {
  return {charge.provider,
          charge.billing_account_id,
          charge.sub_account_id,
          name_of(charge.category),
          charge.charge_class,
          charge.service,
          charge.region,
          charge.resource_id,
          charge.sku_id,
          charge.usage_type,
          charge.pricing_category,
          charge.commitment_id,
          charge.commitment_status,
          charge.consumed_unit,
          charge.tags,
          charge.currency};
}

// The texts that a key was made of.
std::array<std::string_view, kSliceColumns> texts_of(std::string_view key) {
  std::array<std::string_view, kSliceColumns> texts;
  for (std::string_view& text : texts) {
    std::uint32_t size = 0;
    std::memcpy(&size, key.data(), sizeof size);
    text = key.substr(sizeof size, size);
    key.remove_prefix(sizeof size + size);
  }
  return texts;
}

}  // namespace

void SliceMemo::write_key(const Charge& charge) {
  key_.clear();
  for (const std::string_view text : texts_of(charge)) {
    const auto size = static_cast<std::uint32_t>(text.size());
    char bytes[sizeof size];
    std::memcpy(bytes, &size, sizeof size);
    key_.append(bytes, sizeof size).append(text);
  }
}

std::uint32_t SliceMemo::find_or_add(const Charge& charge) {
  write_key(charge);
  if (const auto known = locals_.find(key_); known != locals_.end()) return known->second;
  const auto local = static_cast<std::uint32_t>(keys_.size());
  keys_.push_back(key_);
  locals_.emplace(keys_.back(), local);
  bytes_ += key_.size() + kEntryBytes;
  if (!charge.resource_id.empty()) namings_.push_back({local, charge.resource_name, charge.resource_type});
  return local;
}

// All texts are asked for at once, as a database may be a network away.
base::Result<> SliceMemo::resolve(LoadSink& sink) {
  const std::size_t known = ids_.size();
  const std::size_t added = keys_.size() - known;
  if (added == 0) return {};
  std::vector<std::string_view> texts;
  texts.reserve(added * kSliceColumns + namings_.size() * 2);
  for (std::size_t local = known; local < keys_.size(); ++local) {
    const auto of_slice = texts_of(keys_[local]);
    texts.insert(texts.end(), of_slice.begin(), of_slice.end());
  }
  for (const Naming& naming : namings_) texts.insert(texts.end(), {naming.name, naming.type});
  std::vector<std::int64_t> ids(texts.size());
  if (auto found = sink.text_ids(texts, ids); !found) return found;

  columns_.resize(keys_.size());
  ids_.resize(keys_.size());
  auto next = ids.cbegin();
  for (std::size_t local = known; local < keys_.size(); ++local, next += kSliceColumns) {
    std::copy_n(next, kSliceColumns, columns_[local].begin());
  }
  std::vector<ResourceName> names;
  names.reserve(namings_.size());
  for (const Naming& naming : namings_) {
    const std::int64_t name = *next++;
    names.push_back({columns_[naming.slice][at(SliceColumn::resource)], name, *next++});
  }
  namings_.clear();
  if (auto found = sink.slice_ids(std::span(columns_).subspan(known), std::span(ids_).subspan(known)); !found)
    return found;
  return names.empty() ? base::Result<>() : sink.add(names);
}

void SliceMemo::clear() {
  locals_.clear();
  keys_.clear();
  columns_.clear();
  ids_.clear();
  namings_.clear();
  bytes_ = 0;
}

}  // namespace costagent
