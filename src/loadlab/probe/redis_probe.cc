#include "loadlab/probe/redis_probe.h"

#include <algorithm>
#include <array>

#include "loadlab/probe/proc_text.h"

namespace loadlab {
namespace {

using base::Nanoseconds;

constexpr double kBytesPerMb = 1e6;
// For all commands of a reading together, and so shorter than Prober::kPatience.
constexpr Nanoseconds kTimeout = std::chrono::seconds(3);

// The value of `key:value` in INFO.
std::optional<double> value_of(std::string_view info, std::string_view key) {
  while (auto line = next_line(info)) {
    if (line->ends_with('\r')) line->remove_suffix(1);
    if (line->size() > key.size() && line->starts_with(key) && (*line)[key.size()] == ':')
      return real_number(line->substr(key.size() + 1));
  }
  return std::nullopt;
}

// The number behind `name=` in a list such as `keys=3,expires=0`.
double field_of(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto end = list.find(',');
    const std::string_view field = list.substr(0, end);
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=')
      return real_number(field.substr(name.size() + 1)).value_or(0);
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return 0;
}

struct InfoMetric {
  const char* key;
  const char* metric;
  double per_unit = 1;
};

constexpr auto kInfo = std::to_array<InfoMetric>({{"blocked_clients", "clients_blocked"},
                                                  {"maxclients", "max_clients"},
                                                  {"used_memory", "memory", kBytesPerMb},
                                                  {"used_memory_rss", "memory_resident", kBytesPerMb},
                                                  {"total_commands_processed", "commands"},
                                                  {"keyspace_hits", "hits"},
                                                  {"keyspace_misses", "misses"},
                                                  {"evicted_keys", "evictions"},
                                                  {"expired_keys", "expirations"},
                                                  {"total_net_input_bytes", "network_received", kBytesPerMb},
                                                  {"total_net_output_bytes", "network_sent", kBytesPerMb}});

// Keys in all databases: `db0:keys=3,expires=0,avg_ttl=0`.
double keys_in(std::string_view info) {
  double keys = 0;
  while (auto line = next_line(info)) {
    if (line->ends_with('\r')) line->remove_suffix(1);
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !line->starts_with("db") || !whole_number(line->substr(2, colon - 2)))
      continue;
    keys += field_of(line->substr(colon + 1), "keys");
  }
  return keys;
}

}  // namespace

base::Result<io::RedisReply> RedisProbe::ask(const std::vector<std::string>& words, Nanoseconds until) {
  if (!server_) {
    const auto address = io::parse_redis_url(url_);
    if (!address) return base::pass_on(address);
    auto server = io::Redis::connect(*address, until - base::SystemClock::monotonic_now());
    if (!server) return base::pass_on(server);
    server_.emplace(std::move(*server));
  }
  auto reply = server_->command(words, until - base::SystemClock::monotonic_now());
  if (!server_->is_open()) server_.reset();
  return reply;
}

base::Result<> RedisProbe::read(Reading& into) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + kTimeout;
  const auto reply = ask({"INFO"}, until);
  if (!reply) return base::pass_on(reply);
  const std::string& info = reply->text;
  if (!value_of(info, "connected_clients"))
    return base::fail(base::ErrorKind::corrupt, "{} answers INFO with something else: is this a Redis?", label_);
  for (const auto& [key, metric, per_unit] : kInfo) {
    if (const auto value = value_of(info, key)) into.set(metric, *value / per_unit);
  }
  if (const auto clients = value_of(info, "connected_clients")) into.set("clients", *clients - 1);
  // Zero is Redis' word for no limit.
  if (const auto limit = value_of(info, "maxmemory"); limit && *limit > 0)
    into.set("memory_limit", *limit / kBytesPerMb);
  const auto user = value_of(info, "used_cpu_user");
  const auto system = value_of(info, "used_cpu_sys");
  if (user && system) into.set("cpu", 100 * (*user + *system));
  into.set("keys", keys_in(info));
  set_hit_ratio(info, into);
  // Entries are numbered from the server's start, also those that have left the log since.
  const auto slow = ask({"SLOWLOG", "GET", "1"}, until);
  if (!slow) return base::pass_on(slow);
  const std::int64_t next = slow->list.empty() || slow->list[0].list.empty() ? 0 : slow->list[0].list[0].integer + 1;
  into.set("slow_commands", static_cast<double>(next));
  if (first_commands_) return {};
  auto commands_now = commands(until);
  if (!commands_now) return base::pass_on(commands_now);
  first_commands_ = std::move(*commands_now);
  first_slow_ = next;
  return {};
}

void RedisProbe::set_hit_ratio(const std::string& info, Reading& into) {
  const auto hits = value_of(info, "keyspace_hits");
  const auto misses = value_of(info, "keyspace_misses");
  if (!hits || !misses) return;
  if (lookups_before_) {
    const double hit = *hits - lookups_before_->first;
    const double all = hit + *misses - lookups_before_->second;
    if (all > 0 && hit >= 0) into.set("hit_ratio", 100 * hit / all);
  }
  lookups_before_ = {*hits, *misses};
}

base::Result<RedisProbe::Commands> RedisProbe::commands(Nanoseconds until) {
  constexpr std::string_view kBefore = "cmdstat_";
  const auto reply = ask({"INFO", "commandstats"}, until);
  if (!reply) return base::pass_on(reply);
  // cmdstat_get:calls=12,usec=30,usec_per_call=2.50,…
  Commands found;
  std::string_view lines = reply->text;
  while (const auto line = next_line(lines)) {
    const auto colon = line->find(':');
    if (colon == std::string_view::npos || !line->starts_with(kBefore)) continue;
    const std::string_view fields = line->substr(colon + 1);
    found[std::string(line->substr(kBefore.size(), colon - kBefore.size()))] = {field_of(fields, "calls"),
                                                                                field_of(fields, "usec")};
  }
  return found;
}

std::vector<ProbeTable> RedisProbe::tables() {
  if (!first_commands_) return {};
  const Nanoseconds until = base::SystemClock::monotonic_now() + kTimeout;
  const auto last = commands(until);
  if (!last) return {};
  ProbeTable table{"redis", label_, "commands by total time", {"calls", "total ms", "mean µs"}, {}};
  for (const auto& [name, after] : *last) {
    const auto known = first_commands_->find(name);
    const Command before = known == first_commands_->end() ? Command() : known->second;
    const double calls = after.calls - before.calls;
    if (calls <= 0) continue;
    const double total = after.total_us - before.total_us;
    table.rows.push_back({name, {calls, total / 1000, total / calls}});
  }
  std::sort(table.rows.begin(), table.rows.end(),
            [](const ProbeTable::Row& a, const ProbeTable::Row& b) { return a.values[1] > b.values[1]; });
  if (table.rows.size() > ProbeTable::kMostRows) table.rows.resize(ProbeTable::kMostRows);
  std::vector<ProbeTable> tables = {std::move(table)};
  ProbeTable slow = slow_log(until);
  if (!slow.rows.empty()) tables.push_back(std::move(slow));
  return tables;
}

// An entry is a list: its number, when it ran, its microseconds, and its words.
ProbeTable RedisProbe::slow_log(Nanoseconds until) {
  constexpr std::size_t kLongestText = 200;
  ProbeTable table{"redis", label_, "slow log", {"ms"}, {}};
  const auto entries = ask({"SLOWLOG", "GET", std::to_string(ProbeTable::kMostRows)}, until);
  if (!entries) return table;
  for (const io::RedisReply& entry : entries->list) {
    if (entry.list.size() < 4 || entry.list[0].integer < first_slow_) continue;
    std::string text;
    for (const io::RedisReply& word : entry.list[3].list) text += (text.empty() ? "" : " ") + word.text;
    if (text.size() > kLongestText) text.resize(kLongestText);
    table.rows.push_back({std::move(text), {static_cast<double>(entry.list[2].integer) / 1000}});
  }
  return table;
}

}  // namespace loadlab
