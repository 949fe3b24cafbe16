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
#include "loadlab/engine/value_sources.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/connector.h"

namespace loadlab {

class VirtualUser;

// What the users of one worker share.
struct WorkerContext {
  const Test& test;
  std::unique_ptr<Connector> connector;
  base::Nanoseconds warm_until;  // monotonic; what was planned before is counted apart
  ValueSources& values;
  Timers<VirtualUser> timers{};
  Deadlines<VirtualUser> connect_deadlines{test.connect_timeout};
  Deadlines<VirtualUser> request_deadlines{test.request_timeout};
  std::unique_ptr<Recorder> recorder{};
  Scratch scratch{};
  base::Nanoseconds last_answer{0};          // when the latest exchange of the load ended
  std::vector<VirtualUser*> to_tear_down{};  // users who were set up, where there is something to tear down
};

// What the users of one load of a worker share.
struct LoadContext {
  WorkerContext& worker;
  const Load& load;
  const Script::Part& script;
  base::Nanoseconds start;                       // monotonic
  std::size_t first_stage;                       // where its stages begin in a recorder
  std::uint64_t seed;                            // of all its users' random choices
  const std::vector<std::string>& setup_values;  // what the run's set-up captured, by slot
  int setting_up = 0;                            // users whose set-up goes on while an iteration waits for it
  int in_flight = 0;                             // users whose step has come and is not over
  bool used_up = false;                          // no further iteration is begun: data that it needs is used up
  bool over = false;                             // no further step is begun
};

// Who decides what a user does between iterations.
class UserHost {
 public:
  // Its last step ended at `at`; its time to think, or its pacing, lets the next iteration come at `next`. `connected`:
  // it got through to the target at all.
  virtual void iteration_over(VirtualUser& user, base::Nanoseconds at, base::Nanoseconds next, bool connected) = 0;

  // The time has come that it was told to sleep until.
  virtual void iteration_due(VirtualUser& user, base::Nanoseconds planned) = 0;

 protected:
  ~UserHost() = default;
};

class VirtualUser final : public ClientOwner, public DeadlineHook {
 public:
  // `number` is its own among all users of the load, over all workers, from 0.
  VirtualUser(LoadContext& load, UserHost& host, std::uint32_t number);
  VirtualUser(const VirtualUser&) = delete;
  VirtualUser& operator=(const VirtualUser&) = delete;

  // Plays a journey from its first step, which was planned for `planned`, now or earlier. Where a limit held it back it
  // could be begun only at `available`. A user who has not been set up yet is first: in an open model the arrival waits
  // for that, in a closed one the journey is planned for when it is done. False, and nothing is begun, where a row of
  // data that it needs isn't there any more.
  bool begin(base::Nanoseconds planned, base::Nanoseconds available);
  bool begin(base::Nanoseconds planned) { return begin(planned, planned); }

  // Its time to think, or to wait, is over.
  void wake();

  // Its connect or request time-out has passed.
  void time_out(base::Nanoseconds now);

  // The test is over and so is the time to drain: what is in flight is counted as cut off.
  void cut_off(base::Nanoseconds now);

  // Plays its teardown, after the load.
  void tear_down(base::Nanoseconds now);

  // Sleeps until `at`; then its host is told.
  void sleep_until(base::Nanoseconds at);

  std::uint32_t number() const { return number_; }

  // When its last step ended; of one that has never played, the beginning of time.
  base::Nanoseconds free_since() const { return ended_; }

 private:
  enum class Wake : std::uint8_t { step, iteration, setup };
  enum class Phase : std::uint8_t { journey, setup, teardown };

  // What only users of a plan with set-ups or teardowns have.
  struct Own {
    std::vector<std::string> values;  // what its set-up captured, and the run's, by slot
    base::Nanoseconds arrival{0};     // what waits for the set-up
    int attempts = 0;
  };

  void on_open(const Opening& opening) override;
  void on_reply(const Reply& reply) override;
  void on_redirect() override;

  const Script::Step& step() const { return journey_->steps[step_index_]; }
  bool start_journey(base::Nanoseconds planned, base::Nanoseconds available);
  bool fill(const Script::Journey& journey);
  void start(const Script::Journey& journey, base::Nanoseconds planned, base::Nanoseconds available);
  bool set_up(base::Nanoseconds now);
  void note_teardown();
  void go_on_setting_up(base::Nanoseconds at, bool succeeded);
  void go_on_tearing_down(base::Nanoseconds at, bool succeeded);
  void perform();
  void send();
  void give_up(base::Nanoseconds now, Fault while_connecting, Fault while_waiting);
  void fail_to_connect(Fault fault, base::Nanoseconds now);
  void record(Fault fault, const Reply& reply);
  void count(Tally& tally, Fault fault, const Reply& reply) const;
  // Where this step's request is counted, by its planned start; a stage's tally only where there are stages.
  Tally& step_tally() const;
  Tally* stage_tally() const;
  void count_in_group(base::Nanoseconds at, bool succeeded);
  void go_on(base::Nanoseconds at, bool succeeded, bool connected);

  WorkerContext& worker_;
  LoadContext& load_;
  UserHost& host_;
  std::unique_ptr<Client> client_;
  const Script::Journey* journey_ = nullptr;
  std::vector<std::string> variables_;
  base::Nanoseconds begun_{0};      // the iteration's planned start
  base::Nanoseconds planned_{0};    // when the step should be sent
  base::Nanoseconds available_{0};  // when it could be, as far as limits go
  base::Nanoseconds opening_{0};    // how long it then took until a connection was open
  base::Nanoseconds opening_since_{0};
  base::Nanoseconds sent_{0};
  base::Nanoseconds ended_{0};
  base::Nanoseconds group_begun_{0};  // the planned start of the group it is in
  base::Nanoseconds group_time_{0};   // the response times of its steps, so far
  std::size_t message_size_ = 0;
  std::uint32_t step_index_ = 0;
  std::uint32_t number_;
  Wake wake_ = Wake::iteration;
  Phase phase_ = Phase::journey;
  bool group_counts_ = false;  // it was begun after the warm-up
  bool cut_off_ = false;
  std::unique_ptr<Own> own_;
  base::Random random_;
};

}  // namespace loadlab
