#include "io/redis.h"

#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>

#include "base/without_password.h"
#include "io/wait_for.h"

namespace io {
namespace {

using base::ErrorKind;
using base::Nanoseconds;

// A probe reads INFO, of some kilobytes, and lists of some entries; a cache's values are a few megabytes at most.
constexpr std::size_t kMostReplyBytes = 64U << 20;

struct FreeReply {
  void operator()(redisReply* reply) const { ::freeReplyObject(reply); }
};

RedisReply taken_over(const redisReply& from) {
  RedisReply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_ERROR:
      reply.kind = RedisReply::Kind::text;
      reply.text.assign(from.str, from.len);
      break;
    case REDIS_REPLY_INTEGER:
      reply.kind = RedisReply::Kind::integer;
      reply.integer = from.integer;
      break;
    case REDIS_REPLY_ARRAY:
      reply.kind = RedisReply::Kind::list;
      for (std::size_t i = 0; i < from.elements; ++i) reply.list.push_back(taken_over(*from.element[i]));
      break;
    default:
      break;
  }
  return reply;
}

base::Result<base::UniqueFd> connect_to(const addrinfo& address, Nanoseconds until) {
  base::UniqueFd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return base::fail(ErrorKind::unavailable, "no socket: {}", std::strerror(errno));
  const int now = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
  int error = 0;
  if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    if (!wait_for(socket.get(), POLLOUT, until)) return base::fail(ErrorKind::unavailable, "no connection in time");
    socklen_t length = sizeof error;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  }
  if (error != 0) return base::fail(ErrorKind::unavailable, "{}", std::strerror(error));
  return socket;
}

}  // namespace

base::Result<RedisAddress> parse_redis_url(std::string_view url) {
  constexpr std::string_view kScheme = "redis://";
  const auto wrong = [&] {
    return base::fail(ErrorKind::invalid, "'{}' is not the URL of a Redis; write it as in redis://127.0.0.1:6379/0",
                      base::without_password(url));
  };
  if (!url.starts_with(kScheme)) return wrong();
  RedisAddress address;
  std::string_view rest = url.substr(kScheme.size());
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = rest.substr(0, at);
    const auto colon = login.find(':');
    address.user = login.substr(0, colon);
    if (colon != std::string_view::npos) address.password = login.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  const auto number = [](std::string_view text, auto& into) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
  };
  if (const auto slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view database = rest.substr(slash + 1);
    if (!database.empty() && (!number(database, address.database) || address.database < 0)) return wrong();
    rest = rest.substr(0, slash);
  }
  const bool bracketed = rest.starts_with('[');
  const auto colon = bracketed ? rest.find("]:") : rest.rfind(':');
  if (colon != std::string_view::npos) {
    if (!number(rest.substr(colon + (bracketed ? 2 : 1)), address.port) || address.port == 0) return wrong();
    rest = rest.substr(0, bracketed ? colon + 1 : colon);
  }
  if (bracketed && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  if (rest.empty()) return wrong();
  address.host = rest;
  return address;
}

void Redis::Free::operator()(redisReader* reader) const { ::redisReaderFree(reader); }

Redis::Redis(base::UniqueFd socket) : socket_(std::move(socket)), reader_(::redisReaderCreate()) {}

base::Result<Redis> Redis::connect(const RedisAddress& address, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string where = fmt::format("Redis at {}:{}", address.host, address.port);
  const int looked_up = ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (looked_up != 0) return base::fail(ErrorKind::unavailable, "{}: {}", where, ::gai_strerror(looked_up));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, ::freeaddrinfo);
  std::string reason = "no address";
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto socket = connect_to(*one, until);
    if (!socket) {
      reason = socket.error().message;
      continue;
    }
    Redis redis(std::move(*socket));
    if (redis.reader_ == nullptr) return base::fail(ErrorKind::unavailable, "{}: there is no memory for it", where);
    std::vector<std::vector<std::string>> greetings;
    if (!address.password.empty() && address.user.empty()) greetings.push_back({"AUTH", address.password});
    if (!address.password.empty() && !address.user.empty())
      greetings.push_back({"AUTH", address.user, address.password});
    if (address.database != 0) greetings.push_back({"SELECT", std::to_string(address.database)});
    for (const auto& greeting : greetings) {
      const auto answer = redis.command(greeting, until - base::SystemClock::monotonic_now());
      if (!answer) return base::pass_on(answer);
    }
    return redis;
  }
  return base::fail(ErrorKind::unavailable, "{}: {}", where, reason);
}

base::Failure Redis::lose(ErrorKind kind, std::string_view reason) {
  socket_.reset();
  return base::fail(kind, "Redis: {}", reason);
}

base::Result<RedisReply> Redis::command(const std::vector<std::string>& words, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  if (const auto sent = send(words, timeout); !sent) return base::pass_on(sent);
  auto reply = receive(until - base::SystemClock::monotonic_now());
  if (!reply) return base::pass_on(reply);
  if (!*reply) return lose(ErrorKind::unavailable, "no answer in time");
  return std::move(**reply);
}

base::Result<> Redis::send(const std::vector<std::string>& words, Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  if (!socket_.is_open()) return base::fail(ErrorKind::unavailable, "Redis: the connection is closed");
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* formatted = nullptr;  // by malloc
  const int length = ::redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), texts.data(), lengths.data());
  if (length < 0) return base::fail(ErrorKind::internal, "Redis: there is no memory for a command");
  const std::string bytes(formatted, static_cast<std::size_t>(length));
  ::redisFreeCommand(formatted);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t wrote = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (wrote > 0) sent += static_cast<std::size_t>(wrote);
    if (wrote >= 0 || errno == EINTR) continue;
    if (errno != EAGAIN) return lose(ErrorKind::unavailable, std::strerror(errno));
    if (!wait_for(socket_.get(), POLLOUT, until)) return lose(ErrorKind::unavailable, "no answer in time");
  }
  return {};
}

base::Result<std::optional<RedisReply>> Redis::receive(Nanoseconds timeout) {
  const Nanoseconds until = base::SystemClock::monotonic_now() + timeout;
  if (!socket_.is_open()) return base::fail(ErrorKind::unavailable, "Redis: the connection is closed");
  std::size_t received = 0;
  std::array<char, 16384> buffer;
  for (;;) {
    void* parsed = nullptr;
    if (::redisReaderGetReply(reader_.get(), &parsed) != REDIS_OK) return lose(ErrorKind::corrupt, reader_->errstr);
    if (parsed != nullptr) {
      const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(parsed));
      if (reply->type == REDIS_REPLY_ERROR)
        return base::fail(ErrorKind::invalid, "Redis: {}", std::string_view(reply->str, reply->len));
      return std::optional(taken_over(*reply));
    }
    if (!wait_for(socket_.get(), POLLIN, until)) return std::optional<RedisReply>();
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return lose(ErrorKind::unavailable, got == 0 ? "it closed the connection" : std::strerror(errno));
    received += static_cast<std::size_t>(got);
    if (received > kMostReplyBytes) return lose(ErrorKind::corrupt, "a reply of more than 64 MB");
    ::redisReaderFeed(reader_.get(), buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace io
