#include "costagent/cli/serve_command.h"

#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>
#include <thread>

#include "base/clock.h"
#include "base/log.h"
#include "costagent/api/api.h"
#include "costagent/api/http_server.h"
#include "costagent/cli/terminal.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent serve --database sqlite:costs.db --collect-root bills
  curl http://127.0.0.1:8080/costs?customer_id=acme

Once it listens it prints one line, `costagent listening on http://127.0.0.1:8080`. SIGTERM and SIGINT stop it: requests in
flight are answered and the running job is finished. Nobody is asked who they are: other addresses than 127.0.0.1 are for
networks in which everyone may see the bills.

Exit codes: 0 stopped as told, 2 the arguments are wrong, 3 the database or the address can't be used.
)";

// A file of a million charges is taken in within seconds.
constexpr std::chrono::seconds kJobTimeout{30};

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

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// Answers to repeated questions: some thousands of analyses.
constexpr std::size_t kCacheBytes = 32 * 1024 * 1024;

// Every connection takes a descriptor, and the usual soft limit is 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

ServeCommand::ServeCommand(CLI::App& app) : command_(app.add_subcommand("serve", "Answer over HTTP")) {
  command_->footer(kFooter);
  command_->add_option("--database", database_, "where bills and recommendations are: sqlite:PATH")
      ->required()
      ->type_name("URL");
  command_->add_option("--listen", listen_, "the address to listen on; port 0 picks a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command_->add_option("--collect-root", collect_root_, "the folder whose files POST /collect/focus may take in")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command_->add_option("--max-in-flight", max_in_flight_, "requests handled at once; the next ones get 503")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command_->add_option("--max-connections", max_connections_, "open connections; requests on further ones get 503")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  command_->add_option("--max-body", max_body_, "bytes of a request's body; a longer one gets 413")
      ->check(CLI::Range(1, 64 * 1024 * 1024))
      ->capture_default_str();
  command_->add_option("--threads", threads_, "threads that handle requests (default: one a core)")
      ->check(CLI::Range(1, 1024));
  command_->add_option("--io-threads", io_threads_, "threads that read and write (default: one for two cores)")
      ->check(CLI::Range(1, 256));
}

ExitCode ServeCommand::run() {
  ServerOptions options;
  if (const auto good = read_listen(listen_, options); !good) return refuse(good.error());
  options.max_in_flight = max_in_flight_;
  options.max_connections = max_connections_;
  options.max_body = max_body_;
  options.worker_threads = threads_ > 0 ? threads_ : cores();
  options.io_threads = io_threads_ > 0 ? io_threads_ : std::max(1U, cores() / 2);

  const sigset_t signals = stop_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  raise_descriptor_limit();
  const auto store = open_store(database_);
  if (!store) return refuse(store.error());

  const base::SystemClock clock;
  JobQueueOptions job_options;
  job_options.seed = (std::uint64_t{std::random_device()()} << 32) ^ std::random_device()();
  JobQueue jobs((*store)->state(), clock, job_options);
  Collection collection((*store)->facts(), jobs, collect_root_);
  MemoryCache answers(kCacheBytes);
  const Services services{(*store)->facts(), (*store)->state(), jobs, collection, answers, clock};
  if (const auto started = jobs.start(); !started) return refuse(started.error());

  Router router = make_router(services);
  auto patterns = router.patterns();
  patterns.emplace_back("/metrics");
  Metrics metrics(std::move(patterns));
  metrics.watch_database([&store] { return (*store)->use(); });
  add_metrics_route(router, metrics);
  const auto server = HttpServer::start(options, router, metrics, clock);
  if (!server) return refuse(server.error());
  std::printf("costagent listening on %s\n", (*server)->url().c_str());
  std::fflush(stdout);

  int signal = 0;
  ::sigwait(&signals, &signal);
  base::log(base::LogLevel::info, "stopping: requests in flight are being answered");
  (*server)->stop();
  if (!jobs.stop(kJobTimeout)) {
    // Its file is taken in whole or not at all, so that nothing is half done; the next start fails the job.
    base::log(base::LogLevel::warn, "a job did not end within {} s and is given up", kJobTimeout.count());
    std::fflush(nullptr);
    std::_Exit(static_cast<int>(ExitCode::done));
  }
  return ExitCode::done;
}

}  // namespace costagent
