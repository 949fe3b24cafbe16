// Which handler answers which method and path.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "costagent/api/http.h"

namespace costagent {

struct Route {
  std::string method;
  std::string path;  // a template: /recommendations/{id}
  Handler handler;
  // Cheap and never refused: answered at once on the thread that reads the sockets, whatever the load.
  bool always = false;
};

// Filled before it is used, then only read; safe from any thread.
class Router {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;      // none: `allowed` says why
    std::vector<std::string> allowed;  // methods that the path has; empty when nothing is there
    std::map<std::string, std::string> parameters;
    std::string_view path_template;  // of the path, also where the method is not allowed; empty when nothing is there
  };

  // A HEAD request is answered as its GET.
  Match find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace costagent
