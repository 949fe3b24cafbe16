#include "loadlab/engine/virtual_user.h"

#include <algorithm>

#include "loadlab/engine/capture.h"

namespace loadlab {

using base::Nanoseconds;
using base::SystemClock;

VirtualUser::VirtualUser(UserContext& context, UserHost& host, std::uint64_t seed)
    : context_(context), host_(host), client_(context.connector->client(*this)), random_(base::mix(seed)) {}

void VirtualUser::begin(Nanoseconds planned) {
  journey_ = &context_.script.choose(random_);
  step_index_ = 0;
  variables_.assign(journey_->variables, std::string());
  planned_ = planned;
  ++context_.recorder->iterations;
  perform();
}

void VirtualUser::begin_at(Nanoseconds at) {
  planned_ = at;
  wake_ = Wake::iteration;
  context_.timers.set(at, *this);
}

void VirtualUser::wake() {
  if (wake_ == Wake::iteration) return begin(planned_);
  perform();
}

// The step's time has come: it goes out at once where the connection is open, else once it is.
void VirtualUser::perform() {
  ++context_.in_flight;
  if (client_->state() == Client::State::idle) return send();
  const Fault fault = client_->open();
  const Nanoseconds now = SystemClock::monotonic_now();
  if (fault != Fault::none) return fail_to_connect(fault, now);
  context_.connect_deadlines.set(*this, now);
}

void VirtualUser::on_open(const Opening& opening) {
  context_.connect_deadlines.lift(*this);
  const Nanoseconds now = SystemClock::monotonic_now();
  if (opening.fault != Fault::none) return fail_to_connect(opening.fault, now);
  ready_at_ = now;
  send();
}

void VirtualUser::send() {
  const Message message = step().request->render(variables_, context_.scratch);
  message_size_ = message.size;
  sent_ = SystemClock::monotonic_now();
  client_->send(message, step().wanted);
  context_.request_deadlines.set(*this, sent_);
}

void VirtualUser::on_reply(const Reply& reply) {
  context_.request_deadlines.lift(*this);
  const Fault fault = judge(reply);
  if (reply.bytes_sent != 0) message_size_ = reply.bytes_sent;
  record(fault, reply.ended, reply.bytes_received);
  ready_at_ = reply.ended;
  go_on(reply.ended, fault == Fault::none, true);
}

Fault VirtualUser::judge(const Reply& reply) {
  if (reply.fault != Fault::none) return reply.fault;
  if (!step().plan.check.accepts(reply.status)) return status_fault(reply.status);
  if (!step().plan.captures.empty() && !capture_all(step().plan.captures, reply.body, variables_))
    return Fault::capture;
  return Fault::none;
}

void VirtualUser::time_out(Nanoseconds now) {
  const bool connecting = client_->state() == Client::State::opening;
  client_->abandon();
  if (connecting) return fail_to_connect(Fault::connect_timeout, now);
  record(Fault::timeout, now, 0);
  go_on(now, false, true);
}

void VirtualUser::cut_off(Nanoseconds now) {
  const bool connecting = client_->state() == Client::State::opening;
  client_->abandon();
  if (connecting) return fail_to_connect(Fault::cut_off, now);
  record(Fault::cut_off, now, 0);
  go_on(now, false, true);
}

void VirtualUser::fail_to_connect(Fault fault, Nanoseconds now) {
  --context_.in_flight;
  Tally& tally = context_.recorder->steps[step().tally];
  ++tally.requests;
  ++tally.failed;
  ++tally.faults[fault];
  tally.timings.response.record(now - planned_);
  tally.timings.connection_wait.record(now - planned_);
  go_on(now, false, false);
}

void VirtualUser::record(Fault fault, Nanoseconds ended, std::uint64_t bytes_received) {
  --context_.in_flight;
  context_.last_answer = ended;
  Tally& tally = context_.recorder->steps[step().tally];
  ++tally.requests;
  if (fault != Fault::none) {
    ++tally.failed;
    ++tally.faults[fault];
  }
  tally.bytes_sent += message_size_;
  tally.bytes_received += bytes_received;
  tally.timings.response.record(ended - planned_);
  tally.timings.service.record(ended - sent_);
  tally.timings.connection_wait.record(std::max(ready_at_ - planned_, Nanoseconds{0}));
  tally.timings.send_lag.record(sent_ - std::max(planned_, ready_at_));
}

// A failed step ends the iteration, as later ones may rest on it.
void VirtualUser::go_on(Nanoseconds at, bool succeeded, bool connected) {
  const Nanoseconds think = think_time();
  const bool more = succeeded && step_index_ + 1 < journey_->steps.size() && !context_.stopping;
  if (!more) return host_.iteration_over(*this, at, think, connected);
  ++step_index_;
  planned_ = at + think;
  if (think.count() == 0) return perform();
  wake_ = Wake::step;
  context_.timers.set(planned_, *this);
}

Nanoseconds VirtualUser::think_time() {
  const ThinkTime& think = step().plan.think;
  if (think.is_zero()) return Nanoseconds{0};
  const auto range = static_cast<double>((think.high - think.low).count());
  return think.low + Nanoseconds(static_cast<std::int64_t>(random_.uniform() * range));
}

}  // namespace loadlab
