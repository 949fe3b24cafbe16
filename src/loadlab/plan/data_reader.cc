#include "loadlab/plan/data_reader.h"

#include <algorithm>
#include <array>
#include <optional>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/nearby_file.h"
#include "loadlab/plan/template.h"

namespace loadlab {
namespace {

// Each is one kind of things, such as customers or products; nobody has more kinds than that.
constexpr std::size_t kMostSources = 20;

constexpr auto kOrders = std::to_array<std::pair<std::string_view, RowOrder>>({
    {"sequential", RowOrder::sequential},
    {"random", RowOrder::random},
    {"once", RowOrder::once},
    {"per_user", RowOrder::per_user},
});

class SourceReader {
 public:
  SourceReader(const YamlEntry& entry, DataFiles& files, Complaints& complaints)
      : entry_(entry), files_(files), complaints_(complaints) {
    source_.name = entry.key;
  }

  // None where it could not be read.
  std::optional<DataSource> read() {
    if (entry_.value->kind == YamlNode::Kind::map) {
      read_map_form(*entry_.value);
    } else {
      open(entry_);
    }
    return source_.table ? std::optional(std::move(source_)) : std::nullopt;
  }

 private:
  void read_map_form(const YamlNode& map) {
    refuse_unknown_keys(map, "a source of data", {"file", "order", "used_up"}, complaints_);
    if (const YamlEntry* order = map.find("order")) read_order(*order);
    if (const YamlEntry* used_up = map.find("used_up")) read_used_up(*used_up);
    if (const YamlEntry* file = map.find("file")) {
      open(*file);
    } else {
      complaints_.add(map.at, "{}: no 'file'; write one, as in file: users.csv", entry_.key);
    }
  }

  void open(const YamlEntry& entry) {
    const auto name = read_text(entry, "users.csv", complaints_);
    if (!name) return;
    source_.file = *name;
    if (!table_format(*name)) {
      complaints_.add(place_of(entry), "{}: '{}' ends neither with .csv nor with .jsonl or .ndjson, for JSON lines",
                      entry.key, shown(*name));
      return;
    }
    const auto table = files_.open(*name);
    if (table) {
      source_.table = *table;
    } else {
      complaints_.add(place_of(entry), "{}: {}", entry.key, table.error().message);
    }
  }

  void read_order(const YamlEntry& entry) {
    const auto text = read_text(entry, "order: once", complaints_);
    if (!text) return;
    const auto known =
        std::find_if(kOrders.begin(), kOrders.end(), [&](const auto& order) { return order.first == *text; });
    if (known != kOrders.end()) {
      source_.order = known->second;
    } else {
      complaints_.add(place_of(entry), "order: expected sequential, random, once or per_user, not '{}'", shown(*text));
    }
  }

  void read_used_up(const YamlEntry& entry) {
    const auto text = read_text(entry, "used_up: end", complaints_);
    if (!text) return;
    if (source_.order != RowOrder::once) {
      complaints_.add(entry.key_at, "used_up: only the rows of order: once can be used up; take it away");
    } else if (*text == "end" || *text == "drop") {
      source_.drops = *text == "drop";
    } else {
      complaints_.add(place_of(entry), "used_up: expected end (the load ends) or drop (arrivals are dropped), not '{}'",
                      shown(*text));
    }
  }

  const YamlEntry& entry_;
  DataFiles& files_;
  Complaints& complaints_;
  DataSource source_;
};

}  // namespace

base::Result<std::shared_ptr<const Table>> DataFiles::open(const std::string& name) {
  const auto known = files_.find(name);
  if (known != files_.end()) return known->second;
  return files_.emplace(name, read(name)).first->second;
}

base::Result<std::shared_ptr<const Table>> DataFiles::read(const std::string& name) {
  const auto path = find_nearby_file(folder_, name, kMostTableBytes);
  if (!path) return base::pass_on(path);
  const auto text = read_nearby_file(*path, kMostTableBytes);
  if (!text) return base::pass_on(text);
  auto table = read_table(*text, table_format(name).value_or(TableFormat::csv), *path);
  if (!table) return base::pass_on(table);
  bytes_ += table->bytes();
  if (bytes_ > kMostTableBytes) {
    return base::fail(base::ErrorKind::invalid, "{}: all data of a plan together take more than {} MB of memory", *path,
                      kMostTableBytes / 1'000'000);
  }
  return std::make_shared<const Table>(std::move(*table));
}

void read_data(const YamlEntry& entry, DataScope& into, Complaints& complaints) {
  const YamlNode* map = read_map(entry, "a map of names to files, as in {users: users.csv}", complaints);
  if (!map) return;
  if (map->entries.size() > kMostSources) {
    complaints.add(map->at, "data: {} are too many; at most {} are taken", map->entries.size(), kMostSources);
    return;
  }
  for (const YamlEntry& source : map->entries) {
    if (!is_variable_name(source.key)) {
      complaints.add(source.key_at, "data: '{}' is not a name that texts could use (letters, digits and '_')",
                     shown(source.key));
      continue;
    }
    auto read = SourceReader(source, *into.files, complaints).read();
    if (!read) continue;
    into.by_name[source.key] = into.sources->size();
    into.sources->push_back(std::move(*read));
  }
}

}  // namespace loadlab
