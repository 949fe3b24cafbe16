#include "loadlab/engine/virtual_user.h"

#include <algorithm>

#include "loadlab/engine/capture.h"

namespace loadlab {

using base::Nanoseconds;
using base::SystemClock;

VirtualUser::VirtualUser(LoadContext& load, UserHost& host, std::uint32_t number)
    : worker_(load.worker),
      load_(load),
      host_(host),
      client_(load.worker.connector->client(*this)),
      number_(number),
      random_(base::mix(load.seed + number)) {}

void VirtualUser::begin(Nanoseconds planned, Nanoseconds available) {
  journey_ = &load_.script.choose(random_);
  step_index_ = 0;
  variables_.assign(journey_->variables, std::string());
  begun_ = planned_ = planned;
  available_ = available;
  ++worker_.recorder->iterations;
  perform();
}

void VirtualUser::sleep_until(Nanoseconds at) {
  planned_ = at;
  wake_ = Wake::iteration;
  worker_.timers.set(at, *this);
}

void VirtualUser::wake() {
  if (load_.over) return;
  available_ = planned_;
  if (wake_ == Wake::iteration) return host_.iteration_due(*this, planned_);
  perform();
}

// The step's time has come: it goes out at once where the connection is open, else once it is.
void VirtualUser::perform() {
  ++load_.in_flight;
  opening_ = Nanoseconds(0);
  if (client_->state() == Client::State::idle) return send();
  opening_since_ = SystemClock::monotonic_now();
  const Fault fault = client_->open();
  if (fault != Fault::none) return fail_to_connect(fault, SystemClock::monotonic_now());
  worker_.connect_deadlines.set(*this, opening_since_);
}

void VirtualUser::on_open(const Opening& opening) {
  worker_.connect_deadlines.lift(*this);
  const Nanoseconds now = SystemClock::monotonic_now();
  if (opening.connect.count() > 0) worker_.recorder->openings.connect.record(opening.connect);
  if (opening.tls.count() > 0) worker_.recorder->openings.tls.record(opening.tls);
  if (opening.fault != Fault::none) return fail_to_connect(opening.fault, now);
  opening_ = now - opening_since_;
  send();
}

void VirtualUser::send() {
  const Message message = step().request->render(variables_, worker_.scratch);
  message_size_ = message.size;
  sent_ = SystemClock::monotonic_now();
  client_->send(message, step().wanted);
  worker_.request_deadlines.set(*this, sent_);
}

void VirtualUser::on_reply(const Reply& reply) {
  worker_.request_deadlines.lift(*this);
  const Fault fault = judge(reply);
  record(fault, reply);
  go_on(reply.ended, fault == Fault::none, true);
}

Fault VirtualUser::judge(const Reply& reply) {
  if (reply.fault != Fault::none) return reply.fault;
  if (!step().plan.check.accepts(reply.status)) return status_fault(reply.status);
  return step().examines() ? examine(reply) : Fault::none;
}

Fault VirtualUser::examine(const Reply& reply) {
  Answer answer(reply, reply.ended - sent_);
  const Fault fault = step().checks.first_failed(answer, variables_);
  if (fault != Fault::none) return fault;
  const auto& captures = step().plan.captures;
  return captures.empty() || capture_all(captures, answer, variables_) ? Fault::none : Fault::capture;
}

void VirtualUser::time_out(Nanoseconds now) { give_up(now, Fault::connect_timeout, Fault::timeout); }

void VirtualUser::cut_off(Nanoseconds now) { give_up(now, Fault::cut_off, Fault::cut_off); }

void VirtualUser::give_up(Nanoseconds now, Fault while_connecting, Fault while_waiting) {
  const bool connecting = client_->state() == Client::State::opening;
  client_->abandon();
  if (connecting) return fail_to_connect(while_connecting, now);
  Reply reply;
  reply.ended = now;
  record(while_waiting, reply);
  go_on(now, false, true);
}

void VirtualUser::fail_to_connect(Fault fault, Nanoseconds now) {
  --load_.in_flight;
  const auto count_in = [&](Tally& tally) {
    ++tally.requests;
    ++tally.failed;
    ++tally.faults[fault];
    tally.timings.response.record(now - planned_);
    const Nanoseconds lag = opening_since_ - available_;
    tally.timings.connection_wait.record(now - planned_ - lag);
    tally.timings.send_lag.record(lag);
  };
  count_in(step_tally());
  if (Tally* stage = stage_tally()) count_in(*stage);
  go_on(now, false, false);
}

void VirtualUser::record(Fault fault, const Reply& reply) {
  --load_.in_flight;
  worker_.last_answer = reply.ended;
  count(step_tally(), fault, reply);
  if (Tally* stage = stage_tally()) count(*stage, fault, reply);
}

void VirtualUser::count(Tally& tally, Fault fault, const Reply& reply) const {
  ++tally.requests;
  if (fault != Fault::none) {
    ++tally.failed;
    ++tally.faults[fault];
  }
  tally.bytes_sent += reply.bytes_sent != 0 ? reply.bytes_sent : message_size_;
  tally.bytes_received += reply.bytes_received;
  Timings& timings = tally.timings;
  timings.response.record(reply.ended - planned_);
  timings.service.record(reply.ended - sent_);
  const Nanoseconds wait = available_ - planned_ + opening_;
  timings.connection_wait.record(wait);
  timings.send_lag.record(sent_ - planned_ - wait);
  if (reply.first_byte.count() == 0) return;
  timings.first_byte.record(reply.first_byte - sent_);
  timings.transfer.record(reply.ended - reply.first_byte);
}

Tally& VirtualUser::step_tally() const {
  Recorder& recorder = *worker_.recorder;
  return planned_ < worker_.warm_until ? recorder.warm_up : recorder.steps[step().tally];
}

Tally* VirtualUser::stage_tally() const {
  Recorder& recorder = *worker_.recorder;
  if (recorder.stages.empty() || planned_ < worker_.warm_until) return nullptr;
  return &recorder.stages[load_.first_stage + load_.load.profile().stage_at(planned_ - load_.start)];
}

// A failed step ends the iteration, as later ones may rest on it.
void VirtualUser::go_on(Nanoseconds at, bool succeeded, bool connected) {
  ended_ = at;
  const Nanoseconds next = at + step().plan.think.draw(random_);
  const bool more = succeeded && step_index_ + 1 < journey_->steps.size() && !load_.over;
  if (!more) {
    const Nanoseconds paced = journey_->pacing.is_zero() ? next : begun_ + journey_->pacing.draw(random_);
    return host_.iteration_over(*this, at, std::max(next, paced), connected);
  }
  ++step_index_;
  planned_ = available_ = next;
  if (next == at) return perform();
  wake_ = Wake::step;
  worker_.timers.set(planned_, *this);
}

}  // namespace loadlab
