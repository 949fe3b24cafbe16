#include "loadlab/cli/serve_command.h"

#include <charconv>
#include <cstdio>

#include "loadlab/cli/history_option.h"
#include "loadlab/cli/interrupt.h"
#include "loadlab/cli/page_server.h"

namespace loadlab {
namespace {

constexpr const char* kFooter = R"(
Examples:
  loadlab serve --history runs.db
  loadlab run plan.yaml --history runs.db      in another terminal: the page follows it, a load second by second, a
                                               sweep point by point

Nobody is asked who they are: it listens on 127.0.0.1 unless --listen says otherwise. It only reads, and a right to read
the file is enough.
Exit codes: 0 it was stopped, 2 the arguments are wrong, 3 there is no such history, or nothing to listen on.
)";

struct Listen {
  std::string host;
  unsigned short port = 0;
};

std::optional<Listen> read_listen(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  Listen listen;
  listen.host = text.substr(0, colon);
  if (listen.host.starts_with('[') && listen.host.ends_with(']'))
    listen.host = listen.host.substr(1, listen.host.size() - 2);
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data() + colon + 1, end, listen.port);
  if (error != std::errc() || read != end) return std::nullopt;
  return listen;
}

}  // namespace

ServeCommand::ServeCommand(CLI::App& app)
    : command_(
          app.add_subcommand("serve", "Show the runs that are remembered, and the one that is played, as a page")) {
  command_->footer(kFooter);
  add_history_option(*command_, history_);
  command_->add_option("--listen", listen_, "the address to listen on; port 0 picks a free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
}

ExitCode ServeCommand::run() const {
  const auto listen = read_listen(listen_);
  if (!listen) {
    std::fprintf(stderr, "--listen: '%s' is not HOST:PORT, as in 127.0.0.1:8090\n", listen_.c_str());
    return ExitCode::usage;
  }
  static const base::SystemClock clock;
  // A look for each thread.
  auto soon = open_named_history(history_, clock);
  auto late = open_named_history(history_, clock);
  auto live = open_named_history(history_, clock);
  for (const auto* history : {&soon, &late, &live}) {
    if (*history) continue;
    std::fprintf(stderr, "%s\n", history->error().message.c_str());
    return ExitCode::error;
  }
  const auto& stop = catch_interrupts();
  Pages pages(std::move(*soon), &stop);
  Pages slow_pages(std::move(*late), &stop);
  const PageAnswers answers{[&](const std::string& target) { return pages.answer(target); },
                            [&](const std::string& target) { return slow_pages.answer(target); }};
  const auto served = serve_pages(answers, *live, listen->host, listen->port, stop, [](const std::string& url) {
    std::printf("loadlab shows the runs at %s\n", url.c_str());
    std::fflush(stdout);
  });
  if (served) return ExitCode::pass;
  std::fprintf(stderr, "%s\n", served.error().message.c_str());
  return served.error().kind == base::ErrorKind::invalid ? ExitCode::usage : ExitCode::error;
}

}  // namespace loadlab
