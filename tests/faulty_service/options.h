// What the faulty service is told on its command line.
#pragma once

#include <cstdint>
#include <string>

namespace faulty {

// What is planted. One at a time, so that whoever looks for it can be right or wrong.
enum class Fault {
  none,
  memory_leak,      // 1 KB a request is kept for ever
  descriptor_leak,  // every tenth request opens a file and forgets it
  connection_leak,  // every tenth connection that its client closes is never closed here
  cache,            // answers are kept, of a bounded number of keys: grows and levels off, which is no leak
  sawtooth,         // garbage is kept until there is 8 MB of it and thrown away at once, which is no leak
  pool,             // two connections to the database
  lock,             // one lock around what takes most of a request's time
  busy_worker,      // four worker processes, of which one gets every request
  disk,             // each request waits until a write is on the disk
  downstream,       // each request waits for a slow service behind this one
  rate_limit,       // 100 requests a second, more get 429
  accept_queue      // an accept queue of 1 in front of one slow acceptor, and a connection a request
};

struct Options {
  Fault fault = Fault::none;
  std::uint64_t seed = 1;
  bool metrics = true;          // GET /metrics says what goes on
  std::string folder = "/tmp";  // for the files that the fault `disk` writes
  std::uint16_t port = 0;       // 0: any free one
};

}  // namespace faulty
