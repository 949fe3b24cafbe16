#include "loadlab/plan/test_reader.h"

#include <algorithm>
#include <array>

#include "loadlab/plan/benchmark_reader.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_reader.h"
#include "loadlab/plan/judgement_reader.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/load_reader.h"
#include "loadlab/plan/network_reader.h"
#include "loadlab/plan/surroundings_reader.h"
#include "loadlab/plan/thresholds_reader.h"

namespace loadlab {
namespace {

// What makes a test another kind of test stands in the test itself, and is no default.
constexpr auto kOwnOnly = std::to_array<std::string_view>({"benchmark", "sweep", "repeat", "compare"});
constexpr std::int64_t kMostRepeats = 20;
constexpr std::size_t kMostTags = 50;
constexpr Nanoseconds kLongestTimeout = std::chrono::hours(1);

class TestReader {
 public:
  TestReader(const YamlNode& own, const PlanContext& context, Complaints& complaints)
      : own_(own), context_(context), complaints_(complaints) {
    gather_variables();
    const Constants constants(variables_, *context.outside, complaints);
    own_with_constants_ = constants.in_map(own);
    if (context.defaults) defaults_ = constants.in_map(*context.defaults);
  }

  Test read() {
    if (const YamlEntry* name = own_.find("name")) test_.name = read_name(*name, complaints_).value_or("");
    read_tags();
    if (const YamlEntry* benchmark = own_.find("benchmark")) {
      read_benchmark_test(*benchmark);
      return std::move(test_);
    }
    read_target();
    read_times();
    read_settings();
    read_work();
    read_warm_up();
    read_all_thresholds();
    read_around();
    return std::move(test_);
  }

  // One of the test's own keys, with constants put in.
  const YamlEntry* own(std::string_view key) const { return own_with_constants_->find(key); }

  // What thresholds may name; once the test was read.
  const Names& names() const { return names_; }

 private:
  // It has no load, so that what the plan says of loads by default is not for it.
  void read_benchmark_test(const YamlEntry& entry) {
    for (const YamlEntry& own : own_.entries) {
      const bool of_load = std::find(load_keys().begin(), load_keys().end(), own.key) != load_keys().end();
      if (of_load && !(own.key == "start" && own.value->kind == YamlNode::Kind::list))
        complaints_.add(own.key_at, "'{}' is of a load, and a benchmark has none; take it away", own.key);
    }
    if (const YamlEntry* sweep = own_.find("sweep"))
      complaints_.add(sweep->key_at, "a benchmark can't be swept; its arguments are its own");
    test_.benchmark = read_benchmark(entry, own_with_constants_->find("thresholds"), constants(), complaints_);
    if (find("target") || context_.target || !context_.target_override.empty()) read_target();
    const FindKey find_own = [this](std::string_view key) { return own_.find(key); };
    test_.around = read_surroundings(find_own, constants(), !test_.target.text.empty(), complaints_);
    test_.around.ports = ports_;
    test_.folder = context_.folder;
    if (const YamlEntry* at = own_.find("at"))
      complaints_.add(at->key_at, "at: is within a load, and a benchmark has none; take it away");
  }

  const YamlEntry* find(std::string_view key) const {
    if (const YamlEntry* own = own_with_constants_->find(key)) return own;
    return defaults_ ? defaults_->find(key) : nullptr;
  }

  const YamlEntry* of_defaults(std::string_view key) const {
    return context_.defaults ? context_.defaults->find(key) : nullptr;
  }

  // From the widest to the narrowest, the test's own behind them: what is said nearer to the test wins.
  std::vector<const YamlEntry*> with_own(std::vector<const YamlEntry*> entries, std::string_view key) const {
    if (const YamlEntry* own = own_.find(key)) entries.push_back(own);
    return entries;
  }

  void gather_variables() {
    OutsideVariables& outside = *context_.outside;
    variables_ = outside.all_given();
    for (const YamlEntry* variables : with_own(context_.variables, "variables"))
      read_variables(*variables, outside, variables_, complaints_);
    if (context_.ports) {
      for (const auto& [name, port] : *context_.ports) variables_[name] = port;
    }
    if (context_.point) {
      for (const auto& [name, value] : *context_.point) variables_[name] = {value, false, {}};
    }
    const YamlEntry* ports = own_.find("ports") ? own_.find("ports") : of_defaults("ports");
    if (ports) ports_ = read_ports(*ports, outside, variables_, complaints_);
  }

  void read_tags() {
    const YamlEntry* entry = find("tags");
    const YamlNode* list =
        entry ? read_list(*entry, kMostTags, "a list, as in [smoke, nightly]", complaints_) : nullptr;
    if (!list) return;
    for (const YamlPointer& item : list->items) {
      if (const auto tag = read_name({entry->key, entry->key_at, item}, complaints_)) test_.tags.push_back(*tag);
    }
  }

  void read_target() {
    if (!context_.target_override.empty()) {
      // Checked by whoever holds the override, as its mistakes have no place in the plan.
      if (const auto url = parse_url(context_.target_override)) test_.target = *url;
      return;
    }
    const YamlEntry* found = find("target") ? find("target") : context_.target;
    if (!found) {
      complaints_.add(own_.at, "no 'target'; write one, as in target: http://127.0.0.1:8080, or give --target");
      return;
    }
    // The plan's own has no constants in it yet.
    const YamlEntry entry = constants().in_entry(*found);
    const auto text = read_text(entry, "target: http://127.0.0.1:8080", complaints_);
    if (!text) return;
    const auto url = parse_url(*text);
    if (url) {
      test_.target = *url;
    } else {
      complaints_.add(place_of(entry), "target: {}", url.error().message);
    }
  }

  Constants constants() const { return {variables_, *context_.outside, complaints_}; }

  void read_around() {
    const FindKey find_list = [this](std::string_view key) {
      const YamlEntry* own = own_.find(key);
      // With a duration it is a load's.
      if (own && !(key == "start" && own->value->kind == YamlNode::Kind::scalar)) return own;
      const YamlEntry* general = of_defaults(key);
      return general && general->value->kind == YamlNode::Kind::scalar && key == "start" ? nullptr : general;
    };
    test_.around = read_surroundings(find_list, constants(), true, complaints_);
    test_.around.ports = ports_;
    test_.folder = context_.folder;
    for (const TimedCommand& timed : test_.around.at) {
      if (timed.time < test_.duration()) continue;
      complaints_.add(find_list("at")->key_at, "at: '{}' comes after {}, and the test is over after {}",
                      shown(timed.name), format_duration(timed.time), format_duration(test_.duration()));
    }
  }

  void read_times() {
    constexpr Nanoseconds kShortest = std::chrono::milliseconds(1);
    constexpr std::string_view kReason = "nobody waits longer for an answer";
    set_duration("timeout", test_.request_timeout, {kShortest, kLongestTimeout, kReason});
    set_duration("connect_timeout", test_.connect_timeout, {kShortest, kLongestTimeout, kReason});
    set_duration("drain", test_.drain, {Nanoseconds(0), kLongestTimeout, kReason});
  }

  void set_duration(std::string_view key, Nanoseconds& into, const DurationBounds& bounds) {
    const YamlEntry* entry = find(key);
    if (!entry) return;
    if (const auto duration = read_duration(*entry, bounds, complaints_)) into = *duration;
  }

  void set_int(std::string_view key, int& into, const WholeBounds& bounds) {
    const YamlEntry* entry = find(key);
    if (!entry) return;
    if (const auto number = read_whole(*entry, bounds, complaints_)) into = static_cast<int>(*number);
  }

  void read_settings() {
    if (find("threads")) set_int("threads", test_.threads.emplace(1), {1, kMostThreads, kReasonOfThreads});
    if (const YamlEntry* seed = find("seed")) {
      constexpr std::int64_t kHighest = INT64_MAX;
      if (const auto number = read_whole(*seed, {0, kHighest, "a seed is a whole number of 63 bits"}, complaints_))
        test_.seed = static_cast<std::uint64_t>(*number);
    }
    if (const YamlEntry* http = find("http")) test_.http = read_http(*http, complaints_);
    if (const YamlEntry* cookies = find("cookies")) test_.cookies = read_boolean(*cookies, complaints_).value_or(false);
    test_.network = read_network([this](std::string_view key) { return find(key); }, context_.folder, complaints_);
    if (const YamlEntry* leaks = find("leaks")) test_.leaks = read_leaks(*leaks, complaints_);
    if (const YamlEntry* causes = find("bottleneck")) test_.causes = read_causes(*causes, complaints_);
    if (const YamlEntry* watch = find("watch")) read_watches(*watch);
    set_duration("watch_interval", test_.watch_interval,
                 {kShortestWatchInterval, kLongestWatchInterval, kReasonOfWatchInterval});
  }

  void read_watches(const YamlEntry& entry) {
    if (entry.value->kind != YamlNode::Kind::list) return add_watch(entry);
    const YamlNode* list = read_list(entry, kMostWatched, "a list, as in [pid:4242, port:8080]", complaints_);
    if (!list) return;
    for (const YamlPointer& item : list->items) add_watch({entry.key, entry.key_at, item});
  }

  void add_watch(const YamlEntry& entry) {
    const auto text = read_text(entry, "watch: port:8080", complaints_);
    if (!text) return;
    const auto watch = parse_watch(*text);
    if (watch) {
      test_.watch.push_back(*watch);
    } else {
      complaints_.add(place_of(entry), "watch: {}", watch.error().message);
    }
  }

  void read_work() {
    StepDefaults defaults;
    defaults.budget = context_.budget;
    defaults.outside = context_.outside;
    defaults.variables = variables_;
    defaults.data.files = context_.files;
    defaults.data.sources = &test_.data;
    for (const YamlEntry* data : with_own(context_.data, "data")) read_data(*data, defaults.data, complaints_);
    for (const YamlEntry* headers : with_own(context_.headers, "headers"))
      read_headers(*headers, defaults.headers, complaints_);
    defaults.transfer.http = test_.http;
    defaults.transfer.folder = context_.folder;
    if (const YamlEntry* redirects = find("redirects"))
      defaults.transfer.redirects = read_redirects(*redirects, complaints_).value_or(0);
    if (const YamlEntry* max_body = find("max_body"))
      defaults.transfer.max_body = read_max_body(*max_body, complaints_).value_or(kMaxBody);
    if (const YamlEntry* compression = find("compression"))
      defaults.transfer.compression = read_boolean(*compression, complaints_).value_or(false);
    // What the set-up captures, everything behind it may use.
    if (const YamlEntry* setup = find("setup")) test_.setup = read_errand(*setup, defaults, complaints_);
    defaults.captured = test_.setup.variables;
    if (const YamlEntry* teardown = find("teardown")) test_.teardown = read_errand(*teardown, defaults, complaints_);
    test_.loads = read_loads({*own_with_constants_, defaults_.get(), context_.folder}, defaults, names_, complaints_);
  }

  void read_warm_up() {
    const YamlEntry* entry = find("warm_up");
    if (!entry) return;
    set_duration("warm_up", test_.warm_up, {Nanoseconds(0), kLongestTest, kReasonOfDuration});
    if (test_.warm_up >= test_.duration()) {
      complaints_.add(place_of(*entry), "warm_up: {} is not shorter than the test, of {}; nothing would be measured",
                      format_duration(test_.warm_up), format_duration(test_.duration()));
    }
  }

  void read_all_thresholds() {
    if (const YamlEntry* entry = find("thresholds")) test_.thresholds = read_thresholds(*entry, names_, complaints_);
    if (const YamlEntry* entry = find("allowed_send_lag")) {
      const auto allowed = read_allowed_send_lag(*entry, test_.thresholds, complaints_);
      test_.allowed_send_lag = allowed.value_or(test_.allowed_send_lag);
    }
    read_steal();
  }

  // A sweep compares its points, and what is taken from one of them bends that: what its defaults allow isn't for it.
  void read_steal() {
    const YamlEntry* own = own_.find("allowed_steal");
    if (context_.point && own) {
      complaints_.add(own->key_at, "allowed_steal: a sweep compares its points, which steal bends; take it away");
    } else if (const YamlEntry* entry = find("allowed_steal"); entry && !context_.point) {
      test_.allowed_steal_percent = read_allowed_steal(*entry, complaints_).value_or(test_.allowed_steal_percent);
    }
  }

  const YamlNode& own_;
  const PlanContext& context_;
  Complaints& complaints_;
  Variables variables_;
  NamedPorts ports_;
  // The same maps with constants put into their scalars.
  YamlPointer own_with_constants_;
  YamlPointer defaults_;
  Test test_;
  Names names_;
};

}  // namespace

const std::vector<std::string_view>& test_keys() {
  static const std::vector<std::string_view> kKeys = [] {
    std::vector<std::string_view> keys = {"name", "target", "tags", "loads"};
    keys.insert(keys.end(), load_keys().begin(), load_keys().end());
    for (const std::string_view key :
         {"warm_up",   "http",           "redirects", "compression", "max_body",        "cookies", "headers",
          "variables", "data",           "setup",     "teardown",    "thresholds",      "leaks",   "bottleneck",
          "watch",     "watch_interval", "threads",   "timeout",     "connect_timeout", "drain",   "seed"})
      keys.push_back(key);
    keys.insert(keys.end(), std::begin(kAllowanceKeys), std::end(kAllowanceKeys));
    keys.insert(keys.end(), std::begin(kNetworkKeys), std::end(kNetworkKeys));
    for (const std::string_view key : kSurroundingsKeys) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
    for (const std::string_view key : kOwnOnly) keys.push_back(key);
    return keys;
  }();
  return kKeys;
}

namespace {

// A variable that no text of the test names: all of its points would be alike. `before`: how often each was named until
// the test was read.
void refuse_unused(const YamlNode& variables, const std::vector<std::size_t>& before, const OutsideVariables& outside,
                   Complaints& complaints) {
  for (std::size_t i = 0; i < before.size(); ++i) {
    const YamlEntry& variable = variables.entries[i];
    if (outside.uses(variable.key) > before[i]) continue;
    const auto& keys = test_keys();
    const bool is_key = std::find(keys.begin(), keys.end(), variable.key) != keys.end();
    complaints.add(variable.key_at,
                   "sweep: nothing in this test names $({0}), so that all points would be alike; write it where its "
                   "value belongs, as in {1}$({0})",
                   variable.key, is_key ? variable.key + ": " : "GET /items?n=");
  }
}

Test read_swept_test(const YamlNode& map, const std::vector<PointValues>& points, const PlanContext& context,
                     Complaints& complaints) {
  const YamlNode& variables = *map.find("sweep")->value;
  std::vector<std::size_t> uses;
  for (const YamlEntry& variable : variables.entries) uses.push_back(context.outside->uses(variable.key));
  auto sweep = std::make_shared<Sweep>();
  PlanContext of_point = context;
  Names names;
  std::optional<YamlEntry> repeat;
  for (const PointValues& point : points) {
    of_point.point = &point;
    TestReader reader(map, of_point, complaints);
    sweep->points.push_back({point, reader.read()});
    names = reader.names();
    if (const YamlEntry* entry = reader.own("repeat")) repeat = *entry;
    if (!complaints.empty()) break;  // the other points would say the same
  }
  if (complaints.empty()) refuse_unused(variables, uses, *context.outside, complaints);
  if (repeat) {
    const auto number = read_whole(*repeat, {1, kMostRepeats, "each plays every point once more"}, complaints);
    sweep->repeat = static_cast<int>(number.value_or(1));
  }
  // The chance is the whole test's, all of its plays together (Bonferroni 1936).
  const double plays = static_cast<double>(sweep->points.size()) * sweep->repeat;
  for (SweepPoint& point : sweep->points) point.test.leaks.false_alarms /= plays;
  if (const YamlEntry* compare = map.find("compare"))
    sweep->compare = read_compare(*compare, points, names, complaints);
  Test test = sweep->points.front().test;
  test.sweep = std::move(sweep);
  return test;
}

}  // namespace

Test read_test(const YamlNode& map, const PlanContext& context, Complaints& complaints) {
  std::vector<std::string_view> known = test_keys();
  known.insert(known.end(), context.more_keys.begin(), context.more_keys.end());
  refuse_unknown_keys(map, "a test", known, complaints);
  const YamlEntry* sweep = map.find("sweep");
  if (sweep && !map.find("benchmark")) {
    const auto points = read_sweep(*sweep, *context.outside, complaints);
    if (!points.empty()) return read_swept_test(map, points, context, complaints);
  }
  for (const std::string_view key : {"repeat", "compare"}) {
    if (const YamlEntry* entry = map.find(key); entry && !sweep)
      complaints.add(entry->key_at, "'{}' belongs to a 'sweep'; take it away", key);
  }
  return TestReader(map, context, complaints).read();
}

void check_defaults(const YamlNode& defaults, Complaints& complaints) {
  std::vector<std::string_view> known = test_keys();
  known.erase(known.begin());
  known.resize(known.size() - kOwnOnly.size());
  refuse_unknown_keys(defaults, "a test, all of which but 'name' may be defaults,", known, complaints);
}

}  // namespace loadlab
