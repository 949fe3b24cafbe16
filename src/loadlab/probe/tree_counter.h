// A counter over processes that come and go.
#pragma once

#include <sys/types.h>

#include <map>

namespace loadlab {

// What each process has counted itself (`own`), and what it took over from children that ended and were waited for
// (`inherited`). The sum over all never goes back, holds what short-lived children did, and holds it once: what a
// vanished process was seen to have counted comes back to its parent as inherited. What a child did after it was last
// seen, and whose parent doesn't wait for it, is lost. Not thread-safe.
class TreeCounter {
 public:
  void begin();
  // `since`: it started after the watch did, so that all it counted belongs here.
  void add(pid_t pid, bool since, double own, double inherited = 0);
  // The sum since the first round.
  double end();

 private:
  struct Counted {
    double own = 0;
    double inherited = 0;
  };
  std::map<pid_t, Counted> before_;
  std::map<pid_t, Counted> now_;
  double grown_ = 0;            // in this round
  double grown_inherited_ = 0;  // in this round, which may have been seen before
  double total_ = 0;
};

}  // namespace loadlab
