// Who listened on this machine at some moment, and whether they still do.
#pragma once

#include <cstdint>
#include <set>

#include "loadlab/plan/plan.h"

namespace loadlab {

// Taken before anything is started, it tells what was started from what was there before: a server that an earlier run
// has left behind answers a readiness question as well as the one that was just started, and fails to listen.
//
// A socket counts as long as it is the same one: a server that has ended in between, and another in its place, are two.
// A plain value.
class EarlierListeners {
 public:
  // Those of this moment: TCP sockets, and Unix sockets with a path. Nobody where the kernel doesn't tell.
  static EarlierListeners now();

  // True if one of them still listens where that URL is asked. Of URLs that name another machine nothing is known.
  bool still_listen_at(const Url& url) const;

 private:
  std::set<std::uint64_t> sockets_;  // by inode
};

}  // namespace loadlab
