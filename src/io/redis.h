// Redis behind RAII and Result: one connection, one command at a time, and never a wait without an end.
//
// A connection belongs to one thread at a time. Errors: `unavailable` when the server refuses, is gone or does not
// answer in time (the connection is then closed), `corrupt` when it speaks something else or more than is bearable,
// `invalid` with its own words when it rejects a command.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/unique_fd.h"

struct redisReader;

namespace io {

struct RedisReply {
  enum class Kind { nothing, text, integer, list };
  Kind kind = Kind::nothing;
  std::string text;
  std::int64_t integer = 0;
  std::vector<RedisReply> list;
};

// `redis://user:password@host:port/database`; all but the host may be left out.
struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;
  std::string password;
  int database = 0;
};
base::Result<RedisAddress> parse_redis_url(std::string_view url);

class Redis {
 public:
  // The time is for all of it but the look-up of the host's name. Logs in and chooses the database, if the address says
  // so.
  static base::Result<Redis> connect(const RedisAddress& address, base::Nanoseconds timeout);

  base::Result<RedisReply> command(const std::vector<std::string>& words, base::Nanoseconds timeout);

  // The two halves of a command, for a connection that is told things without asking (SUBSCRIBE): what comes next, or
  // nothing if nothing came in time, which leaves the connection open.
  base::Result<> send(const std::vector<std::string>& words, base::Nanoseconds timeout);
  base::Result<std::optional<RedisReply>> receive(base::Nanoseconds timeout);

  bool is_open() const { return socket_.is_open(); }
  // For who waits for several things at once. `receive` may have more at hand when it is not readable.
  int descriptor() const { return socket_.get(); }

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  explicit Redis(base::UniqueFd socket);
  base::Failure lose(base::ErrorKind kind, std::string_view reason);

  base::UniqueFd socket_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace io
