// A small HTTP service with a fault planted in it, for tests of what loadlab finds. See --help.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "faulty_service/server.h"

namespace {

using faulty::Fault;

const std::map<std::string, Fault> kFaults = {{"none", Fault::none},
                                              {"memory_leak", Fault::memory_leak},
                                              {"descriptor_leak", Fault::descriptor_leak},
                                              {"connection_leak", Fault::connection_leak},
                                              {"cache", Fault::cache},
                                              {"sawtooth", Fault::sawtooth},
                                              {"pool", Fault::pool},
                                              {"lock", Fault::lock},
                                              {"busy_worker", Fault::busy_worker},
                                              {"disk", Fault::disk},
                                              {"downstream", Fault::downstream},
                                              {"rate_limit", Fault::rate_limit},
                                              {"accept_queue", Fault::accept_queue}};

// Workers that share a listener none of them gets anything from: the first has it all. They end with this process.
void fork_idle_workers(int count) {
  for (int i = 0; i < count; ++i) {
    if (::fork() != 0) continue;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) ::pause();
  }
}

}  // namespace

int main(int argc, char** argv) {
  faulty::Options options;
  CLI::App app(
      "A small HTTP service on 127.0.0.1 with a fault planted in it. Says where it listens, and serves until "
      "it is ended.");
  app.add_option("--fault", options.fault, "What is wrong with it")->transform(CLI::CheckedTransformer(kFaults));
  app.add_option("--seed", options.seed, "Of what is random");
  app.add_option("--port", options.port, "0: any free one");
  app.add_option("--folder", options.folder, "For what the fault `disk` writes")->capture_default_str();
  app.add_flag("--metrics,!--no-metrics", options.metrics, "Whether GET /metrics says what goes on");
  CLI11_PARSE(app, argc, argv);

  const bool full = options.fault == Fault::accept_queue;
  const int listener = faulty::listen_on(options.port, full ? 1 : 1024);
  if (listener < 0) {
    std::perror("it can't listen");
    return 3;
  }
  if (options.fault == Fault::busy_worker) fork_idle_workers(3);
  faulty::Service service(options);
  fmt::print("listening on http://127.0.0.1:{}\n", options.port);
  std::fflush(stdout);
  faulty::serve(listener, service, options);
}
