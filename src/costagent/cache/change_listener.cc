#include "costagent/cache/change_listener.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/log.h"
#include "base/scarce_memory.h"
#include "base/without_password.h"
#include "costagent/cache/shared_answers.h"

namespace costagent {

using base::Nanoseconds;

namespace {

// It is heard as long as this lives.
class Hearing {
 public:
  explicit Hearing(std::atomic<bool>& hears) : hears_(hears) { hears_ = true; }
  ~Hearing() { hears_ = false; }
  Hearing(const Hearing&) = delete;
  Hearing& operator=(const Hearing&) = delete;

 private:
  std::atomic<bool>& hears_;
};

}  // namespace

ChangeListener::ChangeListener(const std::string& url, const io::RedisAddress& address, ChangeListenerOptions options,
                               Ears ears)
    : url_(url),
      address_(address),
      options_(std::move(options)),
      ears_(std::move(ears)),
      wake_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { base::carry_on([this] { run(); }); });
}

ChangeListener::~ChangeListener() {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

void ChangeListener::run() {
  Nanoseconds retry = options_.retry_first;
  bool told = false;
  while (!stopping_) {
    auto connection = subscribe();
    if (connection) {
      retry = options_.retry_first;
      told = false;
      ears_.begins();
      const Hearing hearing(hears_);
      listen(*connection);
    } else if (connection.error().kind == base::ErrorKind::invalid && !std::exchange(told, true)) {
      // That it is away is for the link to tell; this is a right that is missing.
      base::log(base::LogLevel::warn, "changes by other processes aren't heard: {}",
                base::without_password_of(url_, connection.error().message));
    }
    await(-1, retry);
    retry = std::min(retry * 2, options_.retry_last);
  }
}

base::Result<io::Redis> ChangeListener::subscribe() const {
  auto connection = io::Redis::connect(address_, options_.connect_timeout);
  if (!connection) return base::pass_on(connection);
  const auto subscribed = connection->command({"SUBSCRIBE", ChangeMessage::kChannel}, options_.connect_timeout);
  if (!subscribed) return base::pass_on(subscribed);
  if (subscribed->list.size() != 3 || subscribed->list[0].text != "subscribe")
    return base::fail(base::ErrorKind::corrupt, "what answers there doesn't speak as Redis does");
  return connection;
}

void ChangeListener::listen(io::Redis& connection) const {
  bool asked = false;
  while (!stopping_) {
    const auto told = connection.receive(Nanoseconds(0));
    if (!told) return;
    if (*told) {
      asked = false;
      take(**told);
    } else if (!await(connection.descriptor(), options_.silence) && !stopping_) {
      if (std::exchange(asked, true) || !connection.send({"PING"}, options_.silence)) return;
    }
  }
}

void ChangeListener::take(const io::RedisReply& told) const {
  if (told.list.size() != 3 || told.list[0].text != "message") return;
  const auto message = ChangeMessage::parse(told.list[2].text);
  if (message && message->sender != options_.sender) ears_.changed(message->customer);
}

bool ChangeListener::await(int socket, Nanoseconds time) const {
  std::array<pollfd, 2> waited{{{wake_.get(), POLLIN, 0}, {socket, POLLIN, 0}}};
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(time).count();
  return ::poll(waited.data(), waited.size(), static_cast<int>(milliseconds)) > 0 && waited[1].revents != 0;
}

}  // namespace costagent
