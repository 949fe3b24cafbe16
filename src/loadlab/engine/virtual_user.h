// One simulated client: plays journeys, one exchange after the other, over a connection of its own.
//
// Belongs to one worker's thread, which must not move it while it is at work.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "loadlab/engine/deadlines.h"
#include "loadlab/engine/recorder.h"
#include "loadlab/engine/script.h"
#include "loadlab/engine/timers.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/connector.h"

namespace loadlab {

class VirtualUser;

// What the users of one worker share.
struct UserContext {
  const Test& test;
  const Script& script;
  std::unique_ptr<Connector> connector;
  Timers<VirtualUser> timers{};
  Deadlines<VirtualUser> connect_deadlines{test.connect_timeout};
  Deadlines<VirtualUser> request_deadlines{test.request_timeout};
  std::unique_ptr<Recorder> recorder{};
  Scratch scratch{};
  base::Nanoseconds last_answer{0};  // when the latest exchange ended
  int in_flight = 0;                 // users whose step has come and is not over
  bool stopping = false;             // no further step is begun
};

// Who decides what a user does after an iteration.
class UserHost {
 public:
  // `at` is when its last step ended, `think` how long it would think after it, and `connected` whether it got through
  // to the target at all.
  virtual void iteration_over(VirtualUser& user, base::Nanoseconds at, base::Nanoseconds think, bool connected) = 0;

 protected:
  ~UserHost() = default;
};

class VirtualUser final : public ClientOwner, public DeadlineHook {
 public:
  VirtualUser(UserContext& context, UserHost& host, std::uint64_t seed);
  VirtualUser(const VirtualUser&) = delete;
  VirtualUser& operator=(const VirtualUser&) = delete;

  // Plays a journey from its first step, which was planned for `planned`: now or earlier.
  void begin(base::Nanoseconds planned);

  // Its time to think, or to wait, is over.
  void wake();

  // Its connect or request time-out has passed.
  void time_out(base::Nanoseconds now);

  // The test is over and so is the time to drain: what is in flight is counted as cut off.
  void cut_off(base::Nanoseconds now);

  // Sleeps until `at`, then begins an iteration planned for that time.
  void begin_at(base::Nanoseconds at);

 private:
  enum class Wake : std::uint8_t { step, iteration };

  void on_open(const Opening& opening) override;
  void on_reply(const Reply& reply) override;

  const Script::Step& step() const { return journey_->steps[step_index_]; }
  void perform();
  void send();
  void fail_to_connect(Fault fault, base::Nanoseconds now);
  void record(Fault fault, base::Nanoseconds ended, std::uint64_t bytes_received);
  Fault judge(const Reply& reply);
  void go_on(base::Nanoseconds at, bool succeeded, bool connected);
  base::Nanoseconds think_time();

  UserContext& context_;
  UserHost& host_;
  std::unique_ptr<Client> client_;
  const Script::Journey* journey_ = nullptr;
  std::vector<std::string> variables_;
  base::Nanoseconds planned_{0};   // when the step should be sent
  base::Nanoseconds ready_at_{0};  // since when the connection is free for it
  base::Nanoseconds sent_{0};
  std::size_t message_size_ = 0;
  std::size_t step_index_ = 0;
  Wake wake_ = Wake::iteration;
  base::Random random_;
};

}  // namespace loadlab
