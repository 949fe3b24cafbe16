#include "costagent/cli/serve_command.h"

#include <charconv>
#include <cstdio>

#include "base/log.h"
#include "costagent/api/handlers.h"
#include "costagent/cli/terminal.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

constexpr const char* kFooter = R"(
Example:
  costagent serve --database sqlite:costs.db --collect-root bills
  curl http://127.0.0.1:8080/health
  curl 'http://127.0.0.1:8080/costs?customer_id=acme&group_by=service'
  curl http://127.0.0.1:8080/analyze -d '{"customer_id": "acme"}'

It listens on this machine only unless told otherwise, and asks for no password: put it behind something that does before
you open it to a network. SIGTERM or Ctrl-C stops it once the requests in flight are answered.

Exit codes: 0 stopped as told, 2 the arguments are wrong, 3 the address or the database could not be had.
)";

// Answers to repeated questions: some thousands of analyses.
constexpr std::size_t kCacheBytes = 32 * 1024 * 1024;

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

base::Result<ListenAddress> parse_listen(const std::string& text) {
  ListenAddress address;
  const auto colon = text.rfind(':');
  const char* begin = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  if (colon != std::string::npos && colon > 0) {
    const auto [stop, error] = std::from_chars(begin, end, address.port);
    if (error == std::errc() && stop == end) {
      address.host = text.substr(0, colon);
      if (address.host.starts_with('[') && address.host.ends_with(']'))
        address.host = address.host.substr(1, address.host.size() - 2);
      if (address.host == "localhost") address.host = "127.0.0.1";
      return address;
    }
  }
  return base::fail(base::ErrorKind::invalid, "--listen {}: expected HOST:PORT, as in 127.0.0.1:8080 or [::1]:0", text);
}

}  // namespace

ServeCommand::ServeCommand(CLI::App& app) : command_(app.add_subcommand("serve", "Answer over HTTP")) {
  command_->footer(kFooter);
  command_->add_option("--database", database_, "what to answer from: sqlite:PATH")->required()->type_name("URL");
  command_->add_option("--listen", listen_, "IP address and port; port 0 takes a free one and prints it")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command_->add_option("--collect-root", collect_root_, "the folder whose files POST /collect/focus may take in")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  const char* limits = "Limits";
  command_
      ->add_option("--max-in-flight", limits_.max_in_flight,
                   "requests at work at once; more are refused with 503 at once")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->group(limits);
  command_->add_option("--max-connections", limits_.max_connections, "open connections; more are closed at once")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(limits);
  command_->add_option("--max-body", max_body_mb_, "largest body of a request, in MB (10^6 bytes)")
      ->type_name("MB")
      ->check(CLI::Range(0.001, 100.0))
      ->capture_default_str()
      ->group(limits);
  command_->add_option("--workers", limits_.workers, "threads that work on requests; 0 is one a core, two at the least")
      ->type_name("N")
      ->check(CLI::Range(0, 16))
      ->capture_default_str()
      ->group(limits);
  command_->add_flag("--verbose", verbose_, "log more");
}

ExitCode ServeCommand::run() {
  if (verbose_) base::set_log_level(base::LogLevel::debug);
  const auto address = parse_listen(listen_);
  if (!address) return refuse(address.error());
  limits_.max_body_bytes = static_cast<std::size_t>(max_body_mb_ * 1e6);
  const auto store = open_store(database_);
  if (!store) return refuse(store.error());

  const base::SystemClock clock;
  Metrics metrics;
  MemoryCache answers(kCacheBytes);
  Router router;
  CollectService collect((*store)->facts(), (*store)->state(), clock, collect_root_);
  add_health(router, (*store)->facts(), metrics, clock);
  add_collect(router, collect, clock);
  add_costs(router, (*store)->facts(), clock);
  add_analyze(router, (*store)->facts(), answers, clock);
  add_recommendations(router, (*store)->facts(), (*store)->state(), clock);
  const auto server = Server::listen(address->host, address->port, router, metrics, clock, limits_);
  if (!server) {
    refuse(server.error());
    return server.error().kind == base::ErrorKind::invalid ? ExitCode::usage : ExitCode::could_not;
  }
  const bool v6 = address->host.find(':') != std::string::npos;
  fmt::print("costagent listening on http://{}:{}\n", v6 ? "[" + address->host + "]" : address->host,
             (*server)->port());
  std::fflush(stdout);
  (*server)->run(true);
  return ExitCode::done;
}

}  // namespace costagent
