#include "loadlab/judge/black_box.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "loadlab/judge/figures.h"

namespace loadlab {
namespace {

// Linux sends a lost SYN again after a second (RFC 6298): connects that take as long found a full queue or lost a
// packet.
constexpr double kLostSynMs = 900;
constexpr double kFullCore = 80;        // percent of a core: a thread that is never at rest, measured once a second
constexpr double kOneCoreAtLeast = 85;  // percent of a core, of threads that take turns on it …
constexpr double kOneCoreAtMost = 115;  // … with what the system does for them beside
constexpr double kFewAtOnce = 1.75;     // requests served at once: rather one than two
constexpr double kBytesAWrite = 512;    // a request that writes less to a disk doesn't wait for it
constexpr double kFullGenerator = 90;   // percent of a core, of loadlab's busiest worker
constexpr double kIdleDisk = 5;         // percent of the time
constexpr double kFastNetworkMb = 100;  // a second: most of a gigabit

class BlackBox {
 public:
  BlackBox(const Test& plan, const TestResult& test, const HighLoad& high, Pressure pressure)
      : plan_(plan), test_(test), high_(high), pressure_(pressure) {}

  std::vector<Candidate> all() {
    refusals();  // of equals the first is the likelier: who refuses says so
    const auto targets = wholes_of(test_.probes, "process");
    if (targets.empty()) cpu_of_seconds();
    for (const ProbeSeries* target : targets) {
      cpu(*target);
      one_worker(*target);
      disk(*target);
    }
    for (const ProbeSeries* database : wholes_of(test_.probes, "postgresql")) database_locks(*database);
    accept_queue();
    network();
    generator();
    served_at_once();
    return std::move(found_);
  }

 private:
  void add(std::string cause, double score, std::string evidence, std::string advice) {
    found_.push_back({std::move(cause), std::clamp(score, 0.0, 0.95), false, std::move(evidence), std::move(advice)});
  }

  const ProbeSeries* machine() const {
    const auto machines = wholes_of(test_.probes, "machine");
    return machines.empty() ? nullptr : machines.front();
  }
  std::optional<double> of_machine(std::string_view metric) const {
    return machine() ? average_within(*machine(), metric, high_) : std::nullopt;
  }
  // How busy the machine was; where it wasn't watched, as the generator saw it over the whole test.
  std::optional<double> machine_cpu() const {
    const auto watched = of_machine("cpu");
    return watched ? watched : test_.generator.machine_percent;
  }
  // Percent of one core, from one of the whole machine.
  double of_core(double percent) const { return percent * std::max(1, test_.generator.cores); }
  double target_cores_used() const {
    const auto targets = wholes_of(test_.probes, "process");
    if (targets.empty()) return of_core(high_.cpu_percent.value_or(0)) / 100;
    double sum = 0;
    for (const ProbeSeries* target : targets) sum += of_core(average_within(*target, "cpu", high_).value_or(0)) / 100;
    return sum;
  }

  void cpu(const ProbeSeries& target) {
    const auto own = average_within(target, "cpu", high_);
    const auto all = machine_cpu();
    if (!own) return;
    const double wait = average_within(target, "run_queue_wait", high_).value_or(0);
    // A full machine is the target's limit only as far as it is the target that fills it, or waits for a core.
    const double share = std::min(1.0, (*own + wait) / 100);
    const bool full = all.value_or(*own) >= kFullMachinePercent;
    std::string evidence = fmt::format("it used {} % of the machine", figure(*own));
    if (all) evidence += fmt::format(", which was {} % busy", figure(*all));
    if (wait > 0)
      evidence += fmt::format(", and {} of its threads waited for a core on average", figure(of_core(wait) / 100));
    // How full it was while the load was high is known of a machine that was watched.
    const double most = of_machine("cpu") ? 0.65 : 0.5;
    add("cpu", full ? 0.3 + most * share : 0.5 * *own / 100, std::move(evidence),
        "give it more cores, or find what it computes");
  }

  void cpu_of_seconds() {
    if (!high_.cpu_percent) return;
    const double own = *high_.cpu_percent;
    add("cpu", own >= kFullMachinePercent ? 0.3 + 0.65 * own / 100 : 0.5 * own / 100,
        fmt::format("it used {} % of the machine", figure(own)), "give it more cores, or find what it computes");
  }

  void one_worker(const ProbeSeries& target) {
    const auto parts = parts_of(test_.probes, target);
    if (parts.size() < 2) return one_thread(target);
    double busiest = 0;
    double others = 0;
    std::string name;
    for (const ProbeSeries* part : parts) {
      // On a machine that others use too, a worker that is never at rest spends a part of its time waiting for a core.
      const double used =
          average_within(*part, "cpu", high_).value_or(0) + average_within(*part, "run_queue_wait", high_).value_or(0);
      others += used;
      if (used <= busiest) continue;
      busiest = used;
      name = part->part;
    }
    others = of_core((others - busiest) / static_cast<double>(parts.size() - 1));
    busiest = of_core(busiest);
    if (busiest < kFullCore || others >= busiest / 2) return;
    add("one worker", 0.9 + busiest / 2500,
        fmt::format("{} was at work, or ready to be, {} % of the time, the other {} on average {} %", name,
                    figure(busiest), parts.size() - 1, figure(others)),
        "spread connections or work evenly over the workers");
  }

  // Of a process that does all its work on one thread, and has cores to spare.
  void one_thread(const ProbeSeries& target) {
    const auto busiest = average_within(target, "busiest_thread", high_);
    if (test_.generator.cores < 2) return;
    const double used = average_within(target, "cpu", high_).value_or(0);
    if (busiest.value_or(0) < kFullCore) return threads_in_turn(of_core(used));
    const double all = of_core(used + average_within(target, "run_queue_wait", high_).value_or(0));
    const double others = std::max(0.0, all - *busiest);
    if (others >= *busiest / 2) return;
    add("one worker", 0.85,
        fmt::format("one of its threads was at work, or ready to be, {} % of the time, all others together {} %",
                    figure(*busiest), figure(others)),
        "run more workers, or let its work run on more threads");
  }

  // Threads that an interpreter's lock lets run one at a time fill a core together. So may others by chance: where
  // answers are quick, or no core was left to any of them, nothing is said.
  void threads_in_turn(double used) {
    if (used < kOneCoreAtLeast || used > kOneCoreAtMost || pressure_ == Pressure::none) return;
    if (machine_cpu().value_or(0) >= kFullMachinePercent) return;
    add("one worker", 0.72,
        fmt::format("its threads together used {} % of one core, and had others to spare, as where one runs at a time",
                    figure(used)),
        "run more processes of it (an interpreter's lock lets one thread run at a time), or find that lock");
  }

  void disk(const ProbeSeries& target) {
    const double written = average_within(target, "disk_written", high_).value_or(0);
    const double read = average_within(target, "disk_read", high_).value_or(0);
    const double bytes = high_.rate > 0 ? (written + read) * 1e6 / high_.rate : 0;
    if (bytes < kBytesAWrite) return;
    const auto known = of_machine("disk_busy");
    const double busy = known.value_or(0);
    const double stalled = of_machine("pressure_io").value_or(0);
    // Where it can be told that nobody waits for the disk, what is written goes into the system's cache.
    if (known && std::max(busy, stalled) < kIdleDisk) return;
    // A target that is busy computing isn't held up by what it writes beside.
    const double idle = 1 - std::min(1.0, target_cores_used());
    std::string evidence = fmt::format("it wrote {} MB/s and read {} MB/s, {} KB a request", figure(written),
                                       figure(read), figure(bytes / 1000));
    if (known)
      evidence += fmt::format("; the disk was busy {} % of the time, and somebody waited for it {} %", figure(busy),
                              figure(stalled));
    add("disk", 0.4 + 0.3 * std::max(busy, stalled) / 100 + 0.25 * idle, std::move(evidence),
        "write less often or in batches, or to a faster disk");
  }

  void database_locks(const ProbeSeries& database) {
    const double waiting = average_within(database, "locks_waiting", high_).value_or(0);
    const double used = average_within(database, "sessions_used", high_).value_or(0);
    if (waiting >= 1) {
      add("lock", 0.9, fmt::format("{} locks of the database were waited for at once", figure(waiting)),
          "keep transactions short, and let them touch rows in the same order");
    }
    if (used >= 95) {
      add("pool", 0.9, fmt::format("{} % of the sessions that the database allows were in use", figure(used)),
          "use a pool in front of the database, or raise max_connections");
    }
  }

  void refusals() {
    const double too_many = share_of(test_, status_fault(429));
    const double no_room = share_of(test_, status_fault(503));
    if (too_many >= kRefusedShare) {
      add("rate limit", 0.95, fmt::format("{} % of the requests were refused with 429", figure(100 * too_many)),
          "raise the limit, or send less");
    }
    if (no_room >= kRefusedShare) {
      add("queue", 0.8, fmt::format("{} % of the requests were refused with 503", figure(100 * no_room)),
          "it protects itself: find what its queue waits for, or add instances");
    }
  }

  void accept_queue() {
    if (!accept_queue_was_full(plan_, test_, high_)) return;
    const auto overflows = of_machine("listen_overflows");
    const double timed_out = share_of(test_, Fault::connect_timeout);
    const auto& connect = test_.openings.connect;
    std::vector<std::string> evidence;
    if (overflows.value_or(0) > 0)
      evidence.push_back(fmt::format("{} connections a second found the accept queue full", figure(*overflows)));
    if (timed_out > 0)
      evidence.push_back(fmt::format("{} % of the requests could not connect in time", figure(100 * timed_out)));
    if (connect.count() > 0)
      evidence.push_back(fmt::format("connecting took {} ms at the 99th percentile",
                                     figure(static_cast<double>(connect.percentile(99)) / 1e6)));
    add("accept queue", 0.94, fmt::format("{}", fmt::join(evidence, "; ")),
        "raise its backlog (and net.core.somaxconn), accept faster, or keep connections alive");
  }

  void network() {
    const double sent = of_machine("network_sent").value_or(0);
    const double received = of_machine("network_received").value_or(0);
    if (plan_.target.is_loopback() || std::max(sent, received) < kFastNetworkMb) return;
    add("network", 0.6, fmt::format("{} MB/s went out and {} MB/s came in", figure(sent), figure(received)),
        "send less, compress, or move closer");
  }

  void generator() {
    const double busy = test_.generator.busiest_worker_percent();
    if (busy < kFullGenerator) return;
    add("generator", test_.trust.trusted ? 0.4 : 0.5,
        fmt::format("loadlab's own busiest worker used {} % of a core, and its sends were up to {} ms late at p99",
                    figure(busy), figure(test_.trust.send_lag_p99_ms)),
        "use more threads or another machine for loadlab");
  }

  // Little's law: how many were served at once when the rate rose no more.
  void served_at_once() {
    // With no core to spare, as many as are there take turns: their number says nothing.
    if (target_cores_used() >= of_core(kFullMachinePercent) / 100) return;
    const double at_once = high_.parallel();
    const double idle = 1 - 0.5 * std::min(1.0, target_cores_used());
    const std::string served =
        high_.compared ? fmt::format("{} requests a second, {} ms each without waiting, are {} served at once",
                                     figure(high_.rate), figure(high_.unhurried_ms), figure(at_once))
                       : fmt::format("{} requests a second take {} ms", figure(high_.rate), figure(high_.response_ms));
    const std::string spare = of_machine("cpu").value_or(100) < kFullMachinePercent ? ", with cores to spare" : "";
    if (pressure_ == Pressure::saturated && !accept_queue_was_full(plan_, test_, high_)) {
      const bool one = at_once < kFewAtOnce;
      add("lock",
          (one           ? 0.75
           : at_once < 4 ? 0.45
                         : 0.3) *
              idle,
          served + spare, "look for a lock, or a single thread, that all requests pass");
      // Of a load that never was low it isn't known what an answer takes without waiting, and so not how many are
      // served.
      const std::string size = high_.compared ? fmt::format(" of about {}", std::max(1.0, std::round(at_once))) : "";
      add("pool", (one ? 0.55 : 0.75) * idle, served + spare,
          fmt::format("look for a pool{}: connections, threads or permits", size));
      add("downstream", 0.4 * idle, served + "; a service behind it that is full looks the same",
          "watch the services behind it too");
    }
    if (pressure_ == Pressure::waiting) {
      add("downstream", 0.8 * idle,
          fmt::format("answers took {} ms{}, of which it worked {} ms", figure(high_.response_ms),
                      high_.compared ? " whatever the load" : "",
                      figure(test_.resources.cpu_ms_per_request.value_or(0))),
          "find what it waits for: a service or a database behind it");
      add("lock", 0.3 * idle, "waits of a fixed length, as a timer or a lock with a time-out has",
          "look for sleeps and time-outs");
    }
  }

  const Test& plan_;
  const TestResult& test_;
  const HighLoad& high_;
  Pressure pressure_;
  std::vector<Candidate> found_;
};

}  // namespace

double share_of(const TestResult& test, Fault fault) {
  const auto found = test.total.faults.find(fault);
  if (found == test.total.faults.end() || test.total.requests == 0) return 0;
  return static_cast<double>(found->second) / static_cast<double>(test.total.requests);
}

bool accept_queue_was_full(const Test& plan, const TestResult& test, const HighLoad& high) {
  const auto& connect = test.openings.connect;
  const bool slow = connect.count() > 0 && static_cast<double>(connect.percentile(99)) / 1e6 >= kLostSynMs;
  const bool timed_out = share_of(test, Fault::connect_timeout) >= 0.01;
  if (!slow && !timed_out) return false;
  // Slow connects alone may be lost packets of a network; on the loopback, or with overflows, nothing is lost.
  for (const ProbeSeries* machine : wholes_of(test.probes, "machine")) {
    if (average_within(*machine, "listen_overflows", high).value_or(0) > 0) return true;
  }
  return plan.target.is_loopback();
}

std::vector<Candidate> outside_candidates(const Test& plan, const TestResult& test, const HighLoad& high,
                                          Pressure pressure) {
  return BlackBox(plan, test, high, pressure).all();
}

}  // namespace loadlab
