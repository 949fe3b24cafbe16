// `costagent serve`: answers over HTTP until it is told to stop.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "costagent/api/http_server.h"
#include "costagent/cache/open_cache.h"
#include "costagent/cli/collect_options.h"
#include "costagent/cli/exit_code.h"
#include "costagent/store/open_store.h"

namespace costagent {

class ServeCommand {
 public:
  // Adds the subcommand; `app` must outlive it.
  explicit ServeCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }

  // Returns after SIGTERM or SIGINT, once what was in flight is answered. Call it before any other thread is started,
  // as threads inherit which signals are blocked. `arguments` is the whole command line, by which workers are started.
  ExitCode run(const std::vector<std::string>& arguments);

 private:
  // What one process does: the only one, or a worker.
  ExitCode serve(ServerOptions options);
  StoreOptions store_options(const ServerOptions& options) const;
  unsigned job_threads() const;
  // What the parent of several does.
  ExitCode supervise_workers(const ServerOptions& options, const std::vector<std::string>& arguments) const;

  CLI::App* command_;
  std::string listen_ = "127.0.0.1:8080";
  std::string database_;
  std::size_t database_sessions_ = 0;
  CollectOptions collect_;
  std::string queue_;
  unsigned job_threads_ = 0;
  int job_lease_ = 30;
  std::string cache_ = "memory";
  std::size_t cache_bytes_ = CacheOptions{}.max_bytes;
  std::size_t max_in_flight_ = 256;
  unsigned request_timeout_ms_ = 5000;
  std::size_t max_connections_ = 4096;
  std::size_t max_body_ = 64 * 1024;
  unsigned workers_ = 1;
  unsigned worker_timeout_ = 10;
  std::string worker_;  // which one this is; empty: none
  unsigned threads_ = 0;
  unsigned io_threads_ = 0;
};

}  // namespace costagent
