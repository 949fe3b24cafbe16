#include "loadlab/plan/load_reader.h"

#include <algorithm>
#include <array>

#include "loadlab/plan/arrival_times.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/stage_reader.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostLoads = 20;
constexpr std::int64_t kMostWaiting = 10'000'000;
constexpr std::int64_t kMostIterations = 1'000'000'000;
constexpr Nanoseconds kUsualDuration = std::chrono::seconds(10);
// Counted iterations end a load by themselves; this is for the target that doesn't answer.
constexpr Nanoseconds kUsualDurationOfCounted = std::chrono::minutes(10);

// Keys of which a load has only one: what is said nearer to it beats the others of its group.
constexpr auto kModels = std::to_array<std::string_view>({"users", "rate", "stages"});
constexpr auto kWork = std::to_array<std::string_view>({"journeys", "steps"});

// Keys that mean something in an open model only, or in a closed one only.
constexpr auto kOpenOnly = std::to_array<std::string_view>({"arrivals", "max_users", "max_waiting"});
// `start` with a list is the test's: processes that are started around all its loads.
bool starts_processes(const YamlEntry& entry) {
  return entry.key == "start" && entry.value->kind == YamlNode::Kind::list;
}

constexpr auto kClosedOnly = std::to_array<std::string_view>({"iterations", "shared_iterations", "pacing"});

class LoadReader {
 public:
  // `scopes`: the maps that say something of the load, the nearest first.
  LoadReader(std::vector<const YamlNode*> scopes, const std::string& folder, Complaints& complaints)
      : scopes_(std::move(scopes)), folder_(folder), complaints_(complaints) {}

  Load read(const StepDefaults& of_test, Names& names) {
    read_duration_of_load();
    set_duration("start", load_.start, {Nanoseconds(0), kLongestTest, kReasonOfDuration});
    read_model();
    read_work(of_test, names);
    return std::move(load_);
  }

 private:
  const YamlNode& own() const { return *scopes_.front(); }

  const YamlEntry* find(std::string_view key) const {
    for (const YamlNode* scope : scopes_) {
      if (const YamlEntry* entry = scope->find(key); entry != nullptr && !starts_processes(*entry)) return entry;
      if (has_other_of(kModels, *scope, key) || has_other_of(kWork, *scope, key)) return nullptr;
      if (is_one_of(kModels, key) && has_replay(*scope)) return nullptr;
    }
    return nullptr;
  }

  template <std::size_t N>
  static bool is_one_of(const std::array<std::string_view, N>& group, std::string_view key) {
    return std::find(group.begin(), group.end(), key) != group.end();
  }

  static bool has_replay(const YamlNode& scope) {
    const YamlEntry* arrivals = scope.find("arrivals");
    return arrivals != nullptr && arrivals->value->kind == YamlNode::Kind::map;
  }

  template <std::size_t N>
  static bool has_other_of(const std::array<std::string_view, N>& group, const YamlNode& scope, std::string_view key) {
    if (!is_one_of(group, key)) return false;
    return std::any_of(group.begin(), group.end(),
                       [&](std::string_view other) { return scope.find(other) != nullptr; });
  }

  void set_duration(std::string_view key, Nanoseconds& into, const DurationBounds& bounds) {
    const YamlEntry* entry = find(key);
    if (entry == nullptr) return;
    if (const auto duration = read_duration(*entry, bounds, complaints_)) into = *duration;
  }

  template <class Number>
  void set_whole(std::string_view key, Number& into, const WholeBounds& bounds) {
    const YamlEntry* entry = find(key);
    if (entry == nullptr) return;
    if (const auto number = read_whole(*entry, bounds, complaints_)) into = static_cast<Number>(*number);
  }

  void read_duration_of_load() {
    const bool counted = find("iterations") != nullptr || find("shared_iterations") != nullptr;
    load_.duration = counted ? kUsualDurationOfCounted : kUsualDuration;
    set_duration("duration", load_.duration, {kShortestTest, kLongestTest, kReasonOfDuration});
    set_duration("ramp_up", ramp_up_, {Nanoseconds(0), kLongestTest, kReasonOfDuration});
    const YamlEntry* ramp = find("ramp_up");
    if (ramp != nullptr && ramp_up_ > load_.duration && find("stages") == nullptr) {
      complaints_.add(place_of(*ramp),
                      "ramp_up: {} is longer than the duration of {}, so the full load would never be reached",
                      format_duration(ramp_up_), format_duration(load_.duration));
    }
  }

  void read_model() {
    const YamlEntry* users = find("users");
    const YamlEntry* rate = find("rate");
    const YamlEntry* stages = find("stages");
    const YamlEntry* arrivals = find("arrivals");
    if (stages != nullptr && (users != nullptr || rate != nullptr)) {
      complaints_.add(std::max(stages->key_at, (users != nullptr ? users : rate)->key_at),
                      "a load has 'users', 'rate' or 'stages'; take the others away");
    } else if (users != nullptr && rate != nullptr) {
      complaints_.add(std::max(users->key_at, rate->key_at),
                      "a test has 'users' (a closed model) or 'rate' (an open one), not both; take one away");
    } else if (stages != nullptr) {
      read_stages_of_load(*stages);
    } else if (users != nullptr) {
      read_users(*users);
    } else if (arrivals != nullptr && arrivals->value->kind == YamlNode::Kind::map && rate == nullptr) {
      read_replay(*arrivals);
    } else if (rate != nullptr) {
      if (const auto level = read_rate(*rate, kShortestRate, complaints_))
        read_open_model(LevelProfile::steady(*level, ramp_up_, load_.duration));
    } else {
      complaints_.add(own().at, "no load; write users: 50 (a closed model) or rate: 500/s (an open one)");
    }
  }

  void read_users(const YamlEntry& entry) {
    const auto users = read_whole(entry, {1, kMostUsers, kReasonOfUsers}, complaints_);
    read_closed_model(LevelProfile::steady(static_cast<double>(users.value_or(1)), ramp_up_, load_.duration));
  }

  void read_stages_of_load(const YamlEntry& entry) {
    for (const std::string_view key : {"ramp_up", "duration"}) {
      const YamlEntry* other = own().find(key);
      if (other != nullptr) complaints_.add(other->key_at, "'{}' is said by the 'stages'; take it away", key);
    }
    const auto stages = read_stages(entry, complaints_);
    if (!stages) return;
    const LevelProfile profile(stages->stages);
    load_.duration = profile.duration();
    if (stages->open) {
      read_open_model(profile);
    } else {
      read_closed_model(profile);
    }
  }

  void read_closed_model(LevelProfile users) {
    ClosedLoad load;
    load.users = std::move(users);
    const WholeBounds bounds{1, kMostIterations, "a load that lasts longer is better given a duration"};
    if (find("iterations") != nullptr) set_whole("iterations", load.iterations.emplace(1), bounds);
    if (find("shared_iterations") != nullptr) set_whole("shared_iterations", load.shared_iterations.emplace(1), bounds);
    const YamlEntry* shared = find("shared_iterations");
    if (load.iterations && load.shared_iterations) {
      complaints_.add(
          shared->key_at,
          "a load has 'iterations' (of each user) or 'shared_iterations' (of all), not both; take one away");
    }
    load_.model = std::move(load);
    refuse(kOpenOnly, "'{}' belongs to an open model, to 'rate'; take it away");
  }

  void read_open_model(LevelProfile rate) {
    OpenLoad load;
    load.rate = std::move(rate);
    if (const YamlEntry* arrivals = find("arrivals")) read_arrivals(*arrivals, load.arrivals);
    read_limits(load);
    load_.model = std::move(load);
  }

  void read_limits(OpenLoad& load) {
    set_whole("max_users", load.max_users, {1, kMostUsers, kReasonOfUsers});
    set_whole("max_waiting", load.max_waiting, {0, kMostWaiting, "each takes memory"});
    refuse(kClosedOnly, "'{}' belongs to a closed model, to 'users'; take it away");
  }

  void read_arrivals(const YamlEntry& entry, Arrivals& into) {
    const auto text = read_text(entry, "arrivals: poisson", complaints_);
    if (!text) return;
    if (*text == "poisson" || *text == "uniform") {
      into = *text == "poisson" ? Arrivals::poisson : Arrivals::uniform;
    } else {
      complaints_.add(place_of(entry), "arrivals: expected poisson, uniform or {{file: times.csv}}, not '{}'",
                      shown(*text));
    }
  }

  void read_replay(const YamlEntry& entry) {
    refuse_unknown_keys(*entry.value, "arrivals", {"file"}, complaints_);
    const YamlEntry* file = entry.value->find("file");
    if (file == nullptr) {
      complaints_.add(entry.value->at, "arrivals: no 'file'; write arrivals: {{file: times.csv}}");
      return;
    }
    const auto name = read_text(*file, "file: times.csv", complaints_);
    if (!name) return;
    auto times = read_arrival_times(folder_, *name);
    if (!times) {
      complaints_.add(place_of(*file), "file: {}", times.error().message);
      return;
    }
    OpenLoad load;
    load.arrivals = Arrivals::replay;
    // Without a word the replay lasts until its last arrival has come.
    if (find("duration") == nullptr) load_.duration = times->back() + std::chrono::milliseconds(1);
    const double seconds = std::chrono::duration<double>(load_.duration).count();
    load.rate = LevelProfile::steady(static_cast<double>(times->size()) / seconds, Nanoseconds(0), load_.duration);
    load.times = std::make_shared<const std::vector<Nanoseconds>>(std::move(*times));
    read_limits(load);
    load_.model = std::move(load);
    if (const YamlEntry* ramp = own().find("ramp_up"))
      complaints_.add(ramp->key_at, "'ramp_up' has no meaning for arrivals from a file; take it away");
  }

  template <std::size_t N>
  void refuse(const std::array<std::string_view, N>& keys, fmt::format_string<const std::string_view&> message) {
    for (const std::string_view key : keys) {
      const YamlEntry* entry = own().find(key);
      if (entry != nullptr) complaints_.add(entry->key_at, message, key);
    }
  }

  void read_work(const StepDefaults& of_test, Names& names) {
    StepDefaults defaults = of_test;
    if (const YamlEntry* think = find("think")) defaults.think = read_think(*think, complaints_).value_or(Delay{});
    if (const YamlEntry* pacing = find("pacing")) defaults.pacing = read_think(*pacing, complaints_).value_or(Delay{});
    if (const YamlEntry* setup = find("user_setup")) {
      load_.user_setup = read_errand(*setup, defaults, complaints_);
      defaults.captured = load_.user_setup.variables;
    }
    if (const YamlEntry* teardown = find("user_teardown"))
      load_.user_teardown = read_errand(*teardown, defaults, complaints_);
    const YamlEntry* journeys = find("journeys");
    const YamlEntry* single = find("steps");
    if (journeys != nullptr && single != nullptr) {
      complaints_.add(std::max(journeys->key_at, single->key_at),
                      "a test has 'journeys', or 'steps' for a single one, not both; take one away");
    } else if (journeys != nullptr || single != nullptr) {
      load_.journeys = read_journeys(journeys != nullptr ? *journeys : *single, defaults, names, complaints_);
    } else {
      complaints_.add(own().at, "no 'steps' (or 'journeys'); write a list of steps, each as in GET /health");
    }
  }

  std::vector<const YamlNode*> scopes_;
  const std::string& folder_;
  Complaints& complaints_;
  Load load_;
  Nanoseconds ramp_up_{0};
};

// A model beside `loads` would be another load, and nobody could say which.
void refuse_model_beside_loads(const YamlNode& test, Complaints& complaints) {
  for (const std::string_view key : {"users", "rate", "stages", "iterations", "shared_iterations", "start"}) {
    const YamlEntry* entry = test.find(key);
    if (entry != nullptr && !starts_processes(*entry))
      complaints.add(entry->key_at, "'{}' stands beside 'loads'; put it into one of them", key);
  }
}

void name_loads_apart(std::vector<Load>& loads, const YamlNode& list, Complaints& complaints) {
  for (std::size_t i = 0; i < loads.size(); ++i) {
    if (loads[i].name.empty()) loads[i].name = fmt::format("load {}", i + 1);
    const auto same = [&](const Load& other) { return other.name == loads[i].name; };
    if (std::any_of(loads.begin(), loads.begin() + static_cast<std::ptrdiff_t>(i), same))
      complaints.add(list.items[i]->at, "two loads are named '{}'; name them apart", shown(loads[i].name));
  }
}

}  // namespace

const std::vector<std::string_view>& load_keys() {
  static const std::vector<std::string_view> kKeys = {
      "users",   "rate",     "stages",   "arrivals",   "max_users",         "max_waiting",
      "ramp_up", "duration", "start",    "iterations", "shared_iterations", "pacing",
      "think",   "steps",    "journeys", "user_setup", "user_teardown"};
  return kKeys;
}

std::vector<Load> read_loads(const LoadSource& source, const StepDefaults& defaults, Names& names,
                             Complaints& complaints) {
  std::vector<const YamlNode*> scopes = {&source.test};
  if (source.defaults != nullptr) scopes.push_back(source.defaults);
  const YamlEntry* entry = source.test.find("loads");
  if (entry == nullptr) {
    std::vector<Load> loads;
    loads.push_back(LoadReader(scopes, source.folder, complaints).read(defaults, names));
    return loads;
  }
  std::vector<Load> loads;
  refuse_model_beside_loads(source.test, complaints);
  const YamlNode* list = read_list(*entry, kMostLoads, "a list of loads", complaints);
  if (list == nullptr) return loads;
  if (list->items.empty()) complaints.add(list->at, "loads: the list is empty; it needs at least one load");
  std::vector<std::string_view> known = load_keys();
  known.insert(known.begin(), "name");
  known.push_back("data");
  for (const YamlPointer& item : list->items) {
    loads.emplace_back();
    if (item->kind != YamlNode::Kind::map) {
      complaints.add(item->at, "a load is a map with 'users', 'rate' or 'stages'");
      continue;
    }
    refuse_unknown_keys(*item, "a load", known, complaints);
    if (const YamlEntry* start = item->find("start"); start != nullptr && starts_processes(*start))
      complaints.add(start->key_at, "processes are started around the whole test; put this 'start' beside 'loads'");
    std::vector<const YamlNode*> nearest = scopes;
    nearest.insert(nearest.begin(), item.get());
    StepDefaults of_load = defaults;
    if (const YamlEntry* data = item->find("data")) read_data(*data, of_load.data, complaints);
    loads.back() = LoadReader(std::move(nearest), source.folder, complaints).read(of_load, names);
    if (const YamlEntry* name = item->find("name")) loads.back().name = read_name(*name, complaints).value_or("");
  }
  name_loads_apart(loads, *list, complaints);
  return loads;
}

}  // namespace loadlab
