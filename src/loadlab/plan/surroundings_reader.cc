#include "loadlab/plan/surroundings_reader.h"

#include <algorithm>
#include <charconv>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/template.h"
#include "loadlab/plan/thresholds_reader.h"

namespace loadlab {
namespace {

constexpr std::size_t kMostCommands = 50;  // what takes more is a script of its own
constexpr std::size_t kMostPorts = 20;
constexpr std::size_t kLongestCommand = 64'000;  // half of what Linux takes as one argument
constexpr Nanoseconds kShortestWait = std::chrono::milliseconds(1);
constexpr Nanoseconds kLongestWait = std::chrono::hours(24);
constexpr std::string_view kReasonOfWait = "a day is longer than anybody waits for a command";
constexpr std::int64_t kHighestPort = 65535;

class SurroundingsReader {
 public:
  SurroundingsReader(const FindKey& find, const Constants& constants, bool has_target, Complaints& complaints)
      : find_(find), constants_(constants), has_target_(has_target), complaints_(complaints) {}

  Surroundings read() {
    Surroundings all;
    all.before = commands("before");
    all.after = commands("after");
    each("start", "a list of processes, each as in {run: ./shop, ready: GET /ready}",
         [&](const YamlEntry& item) { add_started(item, all.start); });
    each("at", "a list, each as in {time: 10s, run: ./break-something}",
         [&](const YamlEntry& item) { add_timed(item, all.at); });
    each("verify", "a list, each as in {name: totals are exact, run: ./check-totals}",
         [&](const YamlEntry& item) { add_verification(item, all.verify); });
    return all;
  }

  std::optional<Command> command(const YamlEntry& entry) {
    if (!read_text(entry, "run: ./prepare", complaints_)) return std::nullopt;
    Command command;
    command.text = constants_.in_command(*entry.value);
    command.shown = entry.value->text;
    const bool blank = command.shown.find_first_not_of(" \t\r\n") == std::string::npos;
    if (blank || command.text.size() > kLongestCommand || command.text.find('\0') != std::string::npos) {
      complaints_.add(place_of(entry), "{}: a command has 1 to {} bytes", entry.key, kLongestCommand);
      return std::nullopt;
    }
    return command;
  }

 private:
  // Calls `add` for every item of the list under `key`, if there is one.
  template <class Add>
  void each(std::string_view key, std::string_view example, Add add) {
    const YamlEntry* entry = find_(key);
    const YamlNode* list = entry ? read_list(*entry, kMostCommands, example, complaints_) : nullptr;
    if (!list) return;
    for (const YamlPointer& item : list->items) add(YamlEntry{entry->key, entry->key_at, item});
  }

  std::vector<Command> commands(std::string_view key) {
    std::vector<Command> found;
    each(key, "a list of commands, each as in ./prepare or {run: ./prepare, within: 60s}", [&](const YamlEntry& item) {
      auto one = item.value->kind == YamlNode::Kind::map ? command_of(item, {"within"}) : command(item);
      if (one) found.push_back(std::move(*one));
    });
    return found;
  }

  // The map's `run` and `within`; `more` are the keys that it may hold besides.
  std::optional<Command> command_of(const YamlEntry& item, std::vector<std::string_view> more) {
    const YamlNode* map = read_map(item, "a map with 'run'", complaints_);
    if (!map) return std::nullopt;
    more.insert(more.begin(), "run");
    refuse_unknown_keys(*map, "one of '" + item.key + "'", more, complaints_);
    const YamlEntry* run = map->find("run");
    if (!run) {
      complaints_.add(map->at, "{}: no 'run', which is the command", item.key);
      return std::nullopt;
    }
    auto found = command(*run);
    if (found) set_within(*map, found->within);
    return found;
  }

  void set_within(const YamlNode& map, Nanoseconds& into) {
    const YamlEntry* within = map.find("within");
    if (!within) return;
    const auto time =
        read_duration(constants_.in_entry(*within), {kShortestWait, kLongestWait, kReasonOfWait}, complaints_);
    if (time) into = *time;
  }

  // Under `name`, or what the command begins with.
  std::string name_of(const YamlEntry& item, const Command& command) {
    if (const YamlEntry* name = item.value->find("name"))
      if (const auto text = read_name(*name, complaints_)) return *text;
    return shown(command.shown);
  }

  void add_started(const YamlEntry& item, std::vector<StartedProcess>& into) {
    const auto found = command_of(item, {"name", "ready", "watch", "may_die"});
    if (!found) return;
    StartedProcess process;
    process.command = *found;
    const YamlEntry* name = item.value->find("name");
    process.name = name ? read_name(*name, complaints_).value_or("")
                        : (into.empty() ? "process" : fmt::format("process_{}", into.size() + 1));
    if (name && !is_variable_name(process.name)) {
      complaints_.add(place_of(*name),
                      "name: '{}' becomes part of LOADLAB_STARTED_NAME, so it has letters, digits and "
                      "'_'",
                      shown(process.name));
    }
    if (std::any_of(into.begin(), into.end(), [&](const auto& other) { return other.name == process.name; }))
      complaints_.add(item.value->at, "start: two processes are named '{}'; name them apart", shown(process.name));
    if (const YamlEntry* watch = item.value->find("watch"))
      process.watch = read_boolean(*watch, complaints_).value_or(true);
    if (const YamlEntry* may_die = item.value->find("may_die"))
      process.may_die = read_boolean(*may_die, complaints_).value_or(false);
    if (const YamlEntry* ready = item.value->find("ready")) process.ready = readiness(*ready);
    into.push_back(std::move(process));
  }

  std::optional<Readiness> readiness(const YamlEntry& entry) {
    Readiness ready;
    if (entry.value->kind != YamlNode::Kind::map) {
      read_request(entry, ready);
      return ready;
    }
    refuse_unknown_keys(*entry.value, "'ready'", {"request", "run", "within"}, complaints_);
    const YamlEntry* request = entry.value->find("request");
    const YamlEntry* run = entry.value->find("run");
    if ((request == nullptr) == (run == nullptr)) {
      complaints_.add(entry.value->at,
                      "ready: has a 'request', as in GET /ready, or a 'run', a command that ends well");
      return std::nullopt;
    }
    set_within(*entry.value, ready.within);
    if (request) read_request(*request, ready);
    if (run) {
      if (auto found = command(*run)) ready.command = std::move(*found);
      ready.command.within = std::min<Nanoseconds>(ready.within, std::chrono::seconds(10));  // it is tried again
    }
    return ready;
  }

  void read_request(const YamlEntry& as_written, Readiness& ready) {
    const YamlEntry entry = constants_.in_entry(as_written);
    const auto text = read_text(entry, "ready: GET /ready", complaints_);
    if (!text) return;
    const auto space = text->find(' ');
    std::string path = space == std::string::npos ? "" : text->substr(space + 1);
    ready.method = text->substr(0, space);
    if (const auto scheme = path.find("://"); scheme != std::string::npos) {
      const auto slash = std::min(path.find('/', scheme + 3), path.size());
      ready.base = path.substr(0, slash);
      path = slash == path.size() ? "/" : path.substr(slash);
      if (const auto url = parse_url(ready.base); !url)
        complaints_.add(place_of(entry), "ready: {}", url.error().message);
    } else if (!has_target_) {
      complaints_.add(place_of(entry), "ready: there is no 'target' to ask; write the whole URL, or a target");
    }
    ready.path = path;
    const auto problem = problem_of_method(ready.method) ? problem_of_method(ready.method) : problem_of_path(path);
    if (path.empty() || problem) {
      complaints_.add(place_of(entry), "ready: expected a request, as in GET /ready, not '{}'{}", shown(*text),
                      problem ? fmt::format(" ({})", *problem) : "");
    }
  }

  void add_timed(const YamlEntry& item, std::vector<TimedCommand>& into) {
    const auto found = command_of(item, {"time", "name", "within"});
    if (!found) return;
    TimedCommand timed;
    timed.command = *found;
    timed.name = name_of(item, *found);
    const YamlEntry* time = item.value->find("time");
    if (!time) {
      complaints_.add(item.value->at, "at: no 'time', which is when it runs, as in time: 10s");
      return;
    }
    const auto when =
        read_duration(constants_.in_entry(*time), {Nanoseconds(0), kLongestWait, kReasonOfWait}, complaints_);
    timed.time = when.value_or(Nanoseconds(0));
    into.push_back(std::move(timed));
  }

  void add_verification(const YamlEntry& item, std::vector<Verification>& into) {
    const auto found = command_of(item, {"name", "within", "severity", "reason"});
    if (!found) return;
    Verification verification;
    verification.command = *found;
    verification.name = name_of(item, *found);
    read_severity(*item.value, verification.severity, verification.reason, complaints_);
    if (std::any_of(into.begin(), into.end(), [&](const auto& other) { return other.name == verification.name; }))
      complaints_.add(item.value->at, "verify: two are named '{}'; name them apart", shown(verification.name));
    into.push_back(std::move(verification));
  }

  const FindKey& find_;
  const Constants& constants_;
  bool has_target_;
  Complaints& complaints_;
};

// The number that the command line gives a port.
std::optional<std::uint16_t> port_of(const std::string& text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 1 || number > kHighestPort)
    return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

}  // namespace

NamedPorts read_ports(const YamlEntry& entry, OutsideVariables& outside, Variables& into, Complaints& complaints) {
  NamedPorts ports;
  const YamlNode* list = read_list(entry, kMostPorts, "a list of names, as in [port, database_port]", complaints);
  if (!list) return ports;
  for (const YamlPointer& item : list->items) {
    const auto name = read_text({entry.key, entry.key_at, item}, "ports: [port]", complaints);
    if (!name) continue;
    if (!is_variable_name(*name)) {
      complaints.add(item->at, "ports: '{}' is not the name of a variable (letters, digits and '_')", shown(*name));
      continue;
    }
    outside.note_known(*name);
    const std::string* given = outside.given(*name);
    const auto port = given ? port_of(*given) : outside.free_port();
    if (!port) {
      complaints.add(
          item->at, "ports: {}",
          given ? fmt::format("-e {}: is no port, 1 to {}", *name, kHighestPort) : "no port of 127.0.0.1 is free");
      continue;
    }
    ports.emplace_back(*name, *port);
    into[*name] = {std::to_string(*port), false, {}};
  }
  return ports;
}

Surroundings read_surroundings(const FindKey& find, const Constants& constants, bool has_target,
                               Complaints& complaints) {
  return SurroundingsReader(find, constants, has_target, complaints).read();
}

std::optional<Command> read_command(const YamlEntry& entry, const Constants& constants, Complaints& complaints) {
  const FindKey none = [](std::string_view) { return nullptr; };
  return SurroundingsReader(none, constants, true, complaints).command(entry);
}

}  // namespace loadlab
