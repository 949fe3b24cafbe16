#include "loadlab/engine/errand.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "loadlab/engine/script.h"
#include "loadlab/protocol/connector.h"
#include "loadlab/protocol/reach.h"

namespace loadlab {
namespace {

using base::Nanoseconds;
using base::SystemClock;

// The longest sleep: how late an interrupt can be noticed.
constexpr Nanoseconds kLongestWait = std::chrono::milliseconds(50);

class ErrandPlayer final : public ClientOwner {
 public:
  ErrandPlayer(const Test& test, const Destination& destination, Poller& poller, const std::atomic<bool>& stop,
               Nanoseconds grace, ValueSources& sources, std::uint64_t seed, std::vector<std::string>& values)
      : test_(test),
        poller_(poller),
        connector_(make_connector(test, {poller, destination, 0})),
        client_(connector_->client(*this)),
        stop_(stop),
        grace_(grace),
        sources_(sources),
        random_(seed),
        values_(values) {}

  // False where there is no row for a variable of its.
  bool begin(const Fill& fill) { return sources_.begin(fill, 0, random_, values_) == ValueSources::Rows::taken; }

  // Counts the step, and says how it failed.
  Fault play(const Script::Step& step, Tally& tally) {
    step_ = &step;
    tally_ = &tally;
    ended_.reset();
    begun_ = SystemClock::monotonic_now();
    if (client_->state() != Client::State::idle) {
      const Fault fault = connect();
      if (fault != Fault::none) return fail(fault);
    }
    sources_.draw(step.plan.draws, random_, values_);
    const Message message = step.request->render(values_, scratch_);
    message_size_ = message.size;
    sent_ = SystemClock::monotonic_now();
    client_->send(message, step.wanted);
    const Fault gave_up = wait_until(sent_ + test_.request_timeout, Fault::timeout);
    return ended_ ? *ended_ : fail(gave_up);
  }

 private:
  void on_open(const Opening& opening) override { ended_ = opening.fault; }

  void on_redirect() override { ++tally_->requests; }

  void on_reply(const Reply& reply) override {
    ended_ = step_->judge(reply, reply.ended - sent_, values_);
    ++tally_->requests;
    if (*ended_ != Fault::none) {
      ++tally_->failed;
      ++tally_->faults[*ended_];
    }
    tally_->bytes_sent += reply.bytes_sent != 0 ? reply.bytes_sent : message_size_;
    tally_->bytes_received += reply.bytes_received;
    tally_->timings.response.record(reply.ended - begun_);
    tally_->timings.service.record(reply.ended - sent_);
  }

  Fault connect() {
    const Fault fault = client_->open();
    if (fault != Fault::none) return fault;
    const Fault gave_up = wait_until(begun_ + test_.connect_timeout, Fault::connect_timeout);
    const Fault opened = ended_.value_or(gave_up);
    ended_.reset();
    return opened;
  }

  // The time-out's kind unless something has ended before it.
  Fault wait_until(Nanoseconds deadline, Fault timeout) {
    while (!ended_) {
      const Nanoseconds now = SystemClock::monotonic_now();
      if (stop_ && !stopped_at_) stopped_at_ = now;
      if (stopped_at_ && now >= *stopped_at_ + grace_) return Fault::cut_off;
      if (now >= deadline) return timeout;
      poller_.wait(std::min(deadline - now, kLongestWait));
    }
    return Fault::none;
  }

  // Of a step that has no answer.
  Fault fail(Fault fault) {
    client_->abandon();
    ++tally_->requests;
    ++tally_->failed;
    ++tally_->faults[fault];
    tally_->timings.response.record(SystemClock::monotonic_now() - begun_);
    return fault;
  }

  const Test& test_;
  Poller& poller_;
  std::unique_ptr<Connector> connector_;
  std::unique_ptr<Client> client_;
  const std::atomic<bool>& stop_;
  Nanoseconds grace_;
  ValueSources& sources_;
  base::Random random_;
  std::vector<std::string>& values_;
  Scratch scratch_;
  const Script::Step* step_ = nullptr;
  Tally* tally_ = nullptr;
  std::optional<Fault> ended_;
  std::optional<Nanoseconds> stopped_at_;
  Nanoseconds begun_{0};
  Nanoseconds sent_{0};
  std::size_t message_size_ = 0;
};

}  // namespace

ErrandResult play_errand(const Test& test, const Errand& errand, const std::atomic<bool>& stop, Nanoseconds grace,
                         ValueSources& sources, std::vector<std::string>& values) {
  ErrandResult result;
  const Script::Journey journey = ready_errand(test, errand, result.checks);
  values.resize(journey.variables);
  auto poller = Poller::create();
  if (!poller) {
    result.failure = poller.error().message;
    return result;
  }
  const auto reached = reach(test);
  if (!reached) {
    result.failure = reached.error().message;
    return result;
  }
  // A set-up and a teardown draw different values.
  const std::uint64_t seed = base::mix(test.seed) + (&errand == &test.teardown ? 1 : 0);
  ErrandPlayer player(test, reached->destination, *poller, stop, grace, sources, seed, values);
  if (!player.begin(errand.fill)) {
    result.failure = "the data that it takes a row of is used up";
    return result;
  }
  for (const Script::Step& step : journey.steps) {
    const Fault fault = player.play(step, result.tally);
    if (fault == Fault::none) continue;
    const bool interrupted = stop && fault == Fault::cut_off;
    result.failure =
        fmt::format("step '{}': {}", step.plan.name, interrupted ? "interrupted" : name_of(fault, result.checks));
    return result;
  }
  return result;
}

}  // namespace loadlab
