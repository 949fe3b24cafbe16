#include "costagent/cli/serve_command.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "costagent/api/api.h"
#include "costagent/api/cache_metrics.h"
#include "costagent/api/http_server.h"
#include "costagent/api/listener.h"
#include "costagent/cache/open_cache.h"
#include "costagent/cli/database_option.h"
#include "costagent/cli/supervisor.h"
#include "costagent/cli/terminal.h"
#include "costagent/cli/worker_link.h"
#include "costagent/queue/open_queue.h"
#include "costagent/service/analysis_models.h"
#include "costagent/service/jobs.h"
#include "costagent/service/schedule.h"
#include "costagent/service/upkeep.h"
#include "costagent/service/watched_folder.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent serve --database sqlite:costs.db --collect-root bills
  curl http://127.0.0.1:8080/costs?customer_id=acme

Once it listens it prints one line, `costagent listening on http://127.0.0.1:8080`. SIGTERM and SIGINT stop it: requests in
flight are answered and running jobs finished; what takes longer goes back to the queue. Nobody is asked who they are:
other addresses than 127.0.0.1 are for networks in which everyone may see the bills.

With --watch, what is copied to DIR/acme/ is taken in as a bill of the customer acme once it has been the same for two looks;
what is written over it, or restates its month, takes its place (docs/bills.md).

With --workers, processes share the address, and one that dies or hangs is replaced; SIGHUP replaces all, one after the
other, without a refused connection. The bounds are of each of them. SQLite has one writer at a time whatever their number.

Exit codes: 0 stopped as told, 2 the arguments are wrong, 3 the database or the address can't be used, or a worker can't
be started.
)";

// How long running jobs are waited for at the end: a file of a million charges is taken in within seconds.
constexpr std::chrono::seconds kJobTimeout{30};

// Leases are kept ten times as often as they need be, and progress is told while somebody looks.
constexpr int kHeartbeats = 10;
constexpr std::chrono::milliseconds kLongestHeartbeat{2'000};

std::uint64_t unguessable_seed() { return (std::uint64_t{std::random_device()()} << 32) ^ std::random_device()(); }

JobRunnerOptions runner_options(std::string worker, unsigned threads, int lease_seconds) {
  JobRunnerOptions options;
  options.worker = std::move(worker);
  options.threads = threads;
  options.visibility = std::chrono::seconds(lease_seconds);
  options.heartbeat = std::min(kLongestHeartbeat, options.visibility / kHeartbeats);
  return options;
}

// `127.0.0.1:8080`, `[::1]:8080`.
base::Result<> read_listen(const std::string& text, ServerOptions& options) {
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) {
    std::string_view host(text.data(), colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const char* const end = text.data() + text.size();
    const auto [read, error] = std::from_chars(text.data() + colon + 1, end, options.port);
    options.host = host == "localhost" ? "127.0.0.1" : host;
    if (error == std::errc() && read == end && !host.empty()) return {};
  }
  return base::fail_field("listen", "--listen: '{}' is not HOST:PORT, as in 127.0.0.1:8080; port 0 means a free one",
                          text);
}

// All that a worker may take to stop, drain and the job's end; the supervisor waits a little longer.
constexpr std::chrono::seconds kWorkerStop{43};
// A client that asks again within this time is told to go to another worker before its connection is closed.
constexpr std::chrono::milliseconds kIdleGrace{1000};
// An I/O thread looks after its connections four times a second.
constexpr std::chrono::seconds kHangs{2};

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// The database's, of bills being read, of the log and the event loops.
constexpr std::size_t kOwnDescriptors = 64;

// Every connection takes a descriptor, and the usual soft limit is 1,024: it is raised, and where that isn't enough for
// all connections, fewer are taken. Who ran out of descriptors could neither answer nor refuse.
void fit_to_descriptors(ServerOptions& options) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur != limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::size_t all = limit.rlim_cur;
  const std::size_t room = all - std::min(all / 2, kOwnDescriptors);
  if (options.max_connections + options.max_crowd <= room) return;
  const std::size_t asked = options.max_connections;
  options.max_crowd = std::min(options.max_crowd, room / 4);
  options.max_connections = room - options.max_crowd;
  base::log(base::LogLevel::warn,
            "at most {} connections and not {}, as this process may have {} descriptors (ulimit -n)",
            options.max_connections, asked, all);
}

// Who holds the lease of a scheduled task or a job: `host:pid`, and the worker's number where there are several.
std::string holder_name(const WorkerPlace& place) {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  const std::string name = fmt::format("{}:{}", host, ::getpid());
  return place.board == nullptr ? name : fmt::format("{} worker {}", name, place.number);
}

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

// Says that it serves, and returns when it is told to stop.
void await_stop(const sigset_t& signals, std::optional<WorkerLink>& link, const Metrics& metrics,
                const HttpServer& server, const base::Clock& clock) {
  if (link) {
    link->tell_serving();
    link->await_stop(
        [&] {
          metrics.publish();
          return clock.monotonic() - server.last_turn() < kHangs;
        },
        kWorkerStop);
    return;
  }
  std::printf("costagent listening on %s\n", server.url().c_str());
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&signals, &signal);
}

// None: no folder is watched.
std::unique_ptr<WatchedFolder> watch_folder(const CollectOptions& collect, Store& store, JobQueue& jobs,
                                            const base::Clock& clock, AnswerCache& answers) {
  if (collect.watch.empty()) return nullptr;
  const WatchOptions options{collect.watch, std::chrono::seconds(collect.watch_interval)};
  auto watched = std::make_unique<WatchedFolder>(store.watch(), store.facts(), jobs, clock, options);
  watched->when_changed([&answers](const std::string& customer) { answers.invalidate(customer); });
  return watched;
}

void register_kinds(JobRunner& runner, Collection& collection, WatchedFolder* watched) {
  runner.register_kind(
      Collection::kKind, [&collection](const Job& job, JobContext& context) { return collection.run(job, context); },
      [&collection](const Job& job) { collection.ended(job); });
  if (watched == nullptr) return;
  runner.register_kind(
      WatchedFolder::kKind, [watched](const Job& job, JobContext& context) { return watched->run(job, context); },
      [watched](const Job& job) { watched->ended(job); });
}

// False: something didn't end in time.
bool end_work(JobRunner& runner, Schedule& schedule, const base::Clock& clock) {
  const auto patience = clock.monotonic() + kJobTimeout;
  const bool jobs_ended = runner.stop(kJobTimeout);
  const auto left = std::chrono::floor<std::chrono::milliseconds>(patience - clock.monotonic());
  return schedule.stop(std::max(left, std::chrono::milliseconds(0))) && jobs_ended;
}

}  // namespace

ServeCommand::ServeCommand(CLI::App& app) : command_(app.add_subcommand("serve", "Answer over HTTP")) {
  command_->footer(kFooter);
  add_database_option(*command_, database_, "where bills and recommendations are");
  command_
      ->add_option(
          "--database-sessions", database_sessions_,
          "sessions with PostgreSQL that a worker may have (default: three more than --threads and --job-threads)")
      ->check(CLI::Range(2, 1000));
  command_->add_option("--listen", listen_, "the address to listen on; port 0 picks a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  collect_.add_to(*command_);
  command_
      ->add_option("--cache", cache_,
                   "where answers to repeated questions are kept: memory, or redis://HOST:PORT for several processes")
      ->envname("COSTAGENT_CACHE")
      ->type_name("URL")
      ->capture_default_str();
  command_->add_option("--queue", queue_, "a Redis to wake workers by, where several processes share the database")
      ->type_name("redis://HOST:PORT/DATABASE")
      ->envname("COSTAGENT_QUEUE");
  command_
      ->add_option(
          "--job-threads", job_threads_,
          "threads that take in bills and run other jobs (default: one with SQLite; with PostgreSQL one more than "
          "there are cores, four at most, and two of each of several workers)")
      ->check(CLI::Range(1, 64));
  command_->add_option("--job-lease", job_lease_, "seconds after which a job whose process is silent is run by another")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  command_->add_option("--cache-bytes", cache_bytes_, "bytes of memory for answers to repeated questions")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 40))
      ->capture_default_str();
  command_
      ->add_option("--max-in-flight", max_in_flight_,
                   "requests handled or waiting, at most; those that would wait for long get 503 before that")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command_->add_option("--request-timeout", request_timeout_ms_, "milliseconds from a request to its answer, at most")
      ->check(CLI::Range(1, 3'600'000))
      ->capture_default_str();
  command_->add_option("--max-connections", max_connections_, "open connections; requests on further ones get 503")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command_->add_option("--max-body", max_body_, "bytes of a request's body; a longer one gets 413")
      ->check(CLI::Range(1, 64 * 1024 * 1024))
      ->capture_default_str();
  command_->add_option("--workers", workers_, "processes that serve; several are meant for PostgreSQL")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  command_->add_option("--worker-timeout", worker_timeout_, "seconds after which a worker that hangs is replaced")
      ->check(CLI::Range(3, 3600))
      ->capture_default_str();
  command_->add_option("--worker", worker_)->group("");  // of a worker's own command line
  command_->add_option("--threads", threads_, "threads that handle requests (default: one more than there are cores)")
      ->check(CLI::Range(1, 1024));
  command_->add_option("--io-threads", io_threads_, "threads that read and write (default: one for two cores)")
      ->check(CLI::Range(1, 256));
}

ExitCode ServeCommand::run(const std::vector<std::string>& arguments) {
  ServerOptions options;
  if (const auto good = read_listen(listen_, options); !good) return refuse(good.error());
  if (const auto good = check_queue_url(queue_); !good) return refuse(good.error());
  if (const auto good = check_cache_url(cache_); !good) return refuse(good.error());
  options.max_in_flight = max_in_flight_;
  options.request_timeout = std::chrono::milliseconds(request_timeout_ms_);
  options.max_connections = max_connections_;
  options.max_body = max_body_;
  options.max_upload = collect_.max_upload;
  // Heavy requests then get at every core, and light ones have a thread besides. Workers share the machine; two threads
  // let a worker answer something light beside something heavy.
  options.worker_threads = threads_ > 0 ? threads_ : workers_ == 1 ? cores() + 1 : std::max(2U, cores() / workers_);
  // Of the jobs that a process runs it hears when they end: it asks the database for those that others do.
  if (workers_ == 1 && queue_.empty()) {
    options.ask_again_after = std::chrono::milliseconds(250);
    options.ask_seldom = std::chrono::seconds(1);
  }
  options.io_threads = io_threads_ > 0 ? io_threads_ : std::max(1U, cores() / 2 / workers_);
  fit_to_descriptors(options);
  return workers_ > 1 && worker_.empty() ? supervise_workers(options, arguments) : serve(std::move(options));
}

// SQLite has one writer. With PostgreSQL a job mostly waits for it, and each may take 100 MB for a large bill.
unsigned ServeCommand::job_threads() const {
  if (job_threads_ > 0) return job_threads_;
  if (database_.starts_with("sqlite:")) return 1;
  return workers_ == 1 ? std::min(4U, cores() + 1) : 2;
}

// Those that run jobs and scheduled tasks need sessions beside those that handle requests.
StoreOptions ServeCommand::store_options(const ServerOptions& options) const {
  StoreOptions store;
  store.sessions = database_sessions_ > 0 ? database_sessions_ : options.worker_threads + job_threads() + 3;
  store.workers = workers_;
  return store;
}

ExitCode ServeCommand::supervise_workers(const ServerOptions& options,
                                         const std::vector<std::string>& arguments) const {
  block_supervisor_signals();
  const base::SystemClock clock;
  // Checked, and brought up to date, before there are workers: so that what is wrong is told once, and they need not
  // wait for each other.
  {
    const auto store = open_store(database_, store_options(options));
    if (!store) return refuse(store.error());
  }
  auto listener = open_listener(options.host, options.port);
  if (!listener) return refuse(listener.error());
  SupervisorOptions supervisor;
  supervisor.supervision.workers = workers_;
  supervisor.supervision.silence = std::chrono::seconds(worker_timeout_);
  supervisor.supervision.seed = std::random_device()();
  supervisor.arguments = arguments;
  return supervise(supervisor, std::move(*listener), clock);
}

ExitCode ServeCommand::serve(ServerOptions options) {
  const sigset_t signals = stop_signals();
  std::optional<WorkerLink> link;
  WorkerPlace place;
  if (worker_.empty()) {
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  } else {
    auto joined = WorkerLink::join(worker_);
    if (!joined) return refuse(joined.error());
    link.emplace(std::move(*joined));
    place = {&link->board(), link->place(), link->number()};
    options.listener = link->listener();
    options.give_way = [&place] { return place.board->should_give_way(place.place); };
    options.idle_grace = kIdleGrace;
  }
  const auto store = open_store(database_, store_options(options));
  if (!store) return refuse(store.error());

  const base::SystemClock clock;
  const auto answers = open_cache({cache_, cache_bytes_, (*store)->instance(), unguessable_seed()}, clock);
  if (!answers) return refuse(answers.error());
  StoreQueueOptions queue_options;
  queue_options.seed = unguessable_seed();
  const auto queue = open_queue(queue_, holder_name(place), (*store)->jobs(), clock, queue_options);
  if (!queue) return refuse(queue.error());
  JobQueue& jobs = **queue;
  const Spool spool({.folder = collect_.spool_folder(database_), .database = (*store)->identity()});
  Collection collection((*store)->facts(), jobs, {collect_.root, &spool});
  collection.when_changed([&answers](const std::string& customer) { (*answers)->invalidate(customer); });
  const auto watched = watch_folder(collect_, **store, jobs, clock, **answers);
  JobRunner runner(jobs, clock, runner_options(holder_name(place), job_threads(), job_lease_));
  register_kinds(runner, collection, watched.get());
  AnalysisModels models((*store)->facts(), (*store)->feedback(), clock);
  const Services services{
      (*store)->facts(),   (*store)->state(), (*store)->feedback(), jobs, collection, models, **answers, clock,
      &(*store)->leases(), place.board,       watched.get()};
  // Tasks are added here, before it starts.
  Schedule schedule((*store)->leases(), clock, {.holder = holder_name(place), .seed = std::random_device()()});
  schedule.add(forget_jobs(jobs));
  schedule.add(clear_leftovers((*store)->facts()));
  schedule.add(clear_uploads(collection));
  if (watched) schedule.add(watched->task());

  Router router = make_router(services);
  auto patterns = router.patterns();
  patterns.emplace_back("/metrics");
  Metrics metrics(std::move(patterns), place);
  metrics.watch_database([&store] { return (*store)->use(); });
  metrics.watch([&answers](auto& families) { add_cache_metrics((*answers)->use(), families); });
  metrics.watch([&models](auto& families) { add_model_metrics(models.use(), families); });
  metrics.watch([&schedule](auto& families) { add_schedule_metrics(schedule, families); });
  metrics.watch([&runner](auto& families) { add_job_metrics(runner.use(), families); });
  if (watched) metrics.watch([&watched](auto& families) { add_watch_metrics(watched->use(), families); });
  add_metrics_route(router, metrics);
  const auto server = HttpServer::start(options, router, metrics, clock);
  if (!server) return refuse(server.error());
  // What an agent left that was killed; a database that is away just now knows again when the task is due.
  if (const auto swept = collection.sweep(); !swept)
    base::log(base::LogLevel::warn, "what was sent and left behind is still there: {}", swept.error().message);
  runner.when_ended([&server](const Job& job) { (*server)->wake(job.id); });
  runner.start();
  schedule.start();
  await_stop(signals, link, metrics, **server, clock);
  base::log(base::LogLevel::info, "stopping: requests in flight are being answered");
  (*server)->stop();
  const bool ended = end_work(runner, schedule, clock);
  // The last of what this worker counted, which is kept when it is gone.
  metrics.publish();
  if (!ended) {
    // A file is taken in whole or not at all, so that nothing is half done; its job is back in the queue.
    base::log(base::LogLevel::warn, "work did not end within {} s and is given up", kJobTimeout.count());
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(ExitCode::done));
  }
  return ExitCode::done;
}

}  // namespace costagent
