// Which handler answers which method and path.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/api/message.h"

namespace costagent {

// A blocking function; called from several threads at once.
using Handler = std::function<base::Result<Response>(const Request&)>;

// Asked on the I/O thread once a request's headers are there, so it must not block: where its body is to go; or none,
// and it is read into memory, like any other. A failure is the answer, and the body isn't read.
using Intake = std::function<base::Result<std::unique_ptr<Incoming>>(const Request&)>;

// Where a handler runs, and so what becomes of its requests when there are more than can be borne (admission.h).
enum class Turn {
  queued,   // on a worker thread, in its turn
  heavy,    // the same, but never on all of them at once: what may take a hundred times as long as others do
  probe,    // on a thread for questions of a moment, whatever the load
  at_once,  // on the I/O thread, whatever the load: must not block
};

// Built once, then read by any number of threads.
class Router {
 public:
  struct Route {
    std::string pattern;  // `/jobs/{id}`
    std::vector<std::string> segments;
    std::size_t number;  // of the pattern, from 0: methods of one pattern share it
    Method method;
    Turn turn;
    Handler handler;
    Intake intake;  // none: bodies are read into memory
  };

  struct Match {
    const Route* route = nullptr;    // none: see `pattern`
    const Route* pattern = nullptr;  // a route with this path, if only the method is wrong
    std::array<std::string_view, 2> parameters{};
  };

  // The prefix that may stand before every path.
  static constexpr std::string_view kPrefix = "/api/v1";

  // A pattern has at most two `{…}`, each for one segment that is not empty.
  void add(Method method, std::string pattern, Handler handler, Turn turn = Turn::queued, Intake intake = {});

  Match match(Method method, std::string_view path) const;

  // The methods that this pattern takes, as the header Allow lists them.
  std::string allowed(const Route& pattern) const;

  // One for each number, in order.
  const std::vector<std::string>& patterns() const { return patterns_; }

 private:
  std::vector<Route> routes_;
  std::vector<std::string> patterns_;
};

}  // namespace costagent
