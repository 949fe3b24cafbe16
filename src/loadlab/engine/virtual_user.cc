#include "loadlab/engine/virtual_user.h"

#include <algorithm>

namespace loadlab {

using base::Nanoseconds;
using base::SystemClock;

namespace {

// How long a user waits after its set-up has failed: twice as long each time, as a target that is in trouble is not
// helped by all its users trying at once, nor by their coming back together: each waits half of it to all of it.
constexpr Nanoseconds kFirstSetupPause = std::chrono::milliseconds(100);
constexpr Nanoseconds kLongestSetupPause = std::chrono::seconds(5);

}  // namespace

VirtualUser::VirtualUser(LoadContext& load, UserHost& host, std::uint32_t number)
    : worker_(load.worker),
      load_(load),
      host_(host),
      client_(load.worker.connector->client(*this)),
      number_(number),
      random_(base::mix(load.seed + number)) {}

bool VirtualUser::begin(Nanoseconds planned, Nanoseconds available) {
  if (own_ == nullptr && load_.script.has_errands()) {
    own_ = std::make_unique<Own>();
    own_->values = load_.setup_values;
    own_->arrival = planned;
    if (!load_.script.setup().steps.empty()) return set_up(SystemClock::monotonic_now());
    note_teardown();
  }
  return start_journey(planned, available);
}

bool VirtualUser::start_journey(Nanoseconds planned, Nanoseconds available) {
  phase_ = Phase::journey;
  const Script::Journey& journey = load_.script.choose(random_);
  if (!fill(journey)) return false;
  ++worker_.recorder->iterations;
  start(journey, planned, available);
  return true;
}

// Gives the journey's variables the values that they have at its begin; false where there is no row for one.
bool VirtualUser::fill(const Script::Journey& journey) {
  if (!journey.has_values()) return true;
  variables_.assign(journey.variables, std::string());
  const std::vector<std::string>& inherited = own_ != nullptr ? own_->values : load_.setup_values;
  std::copy(inherited.begin(), inherited.end(), variables_.begin());
  const auto rows = worker_.values.begin(*journey.fill, number_, random_, variables_);
  load_.used_up = load_.used_up || rows == ValueSources::Rows::none_ever;
  return rows == ValueSources::Rows::taken;
}

void VirtualUser::start(const Script::Journey& journey, Nanoseconds planned, Nanoseconds available) {
  journey_ = &journey;
  step_index_ = 0;
  begun_ = planned_ = planned;
  available_ = available;
  perform();
}

bool VirtualUser::set_up(Nanoseconds now) {
  phase_ = Phase::setup;
  if (!fill(load_.script.setup())) {
    own_.reset();
    return false;
  }
  ++load_.setting_up;
  start(load_.script.setup(), now, now);
  return true;
}

void VirtualUser::note_teardown() {
  if (!load_.script.teardown().steps.empty()) worker_.to_tear_down.push_back(this);
}

void VirtualUser::tear_down(Nanoseconds now) {
  phase_ = Phase::teardown;
  if (fill(load_.script.teardown())) start(load_.script.teardown(), now, now);
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
  // Tried again, it keeps the rows that it took.
  if (wake_ == Wake::setup) return start(load_.script.setup(), planned_, planned_);
  perform();
}

// The step's time has come: it goes out at once where the connection is open, else once it is.
void VirtualUser::perform() {
  ++load_.in_flight;
  opening_ = Nanoseconds(0);
  const bool connected = client_->state() == Client::State::idle;
  const auto& keep_alive = worker_.test.network.keep_alive_for;
  if (connected && !keep_alive) return send();
  opening_since_ = SystemClock::monotonic_now();
  if (connected && opening_since_ - ended_ <= *keep_alive) return send();
  // It has idled for too long: the server may be closing it already.
  client_->abandon();
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
  if (!step().plan.draws.empty()) worker_.values.draw(step().plan.draws, random_, variables_);
  const Message message = step().request->render(variables_, worker_.scratch);
  message_size_ = message.size;
  sent_ = SystemClock::monotonic_now();
  client_->send(message, step().wanted);
  worker_.request_deadlines.set(*this, sent_);
}

void VirtualUser::on_reply(const Reply& reply) {
  worker_.request_deadlines.lift(*this);
  const Fault fault = step().judge(reply, reply.ended - sent_, variables_);
  record(fault, reply);
  go_on(reply.ended, fault == Fault::none, true);
}

// The answer that redirected is a success of its own; what it cost is part of the exchange's times.
void VirtualUser::on_redirect() {
  ++step_tally().requests;
  if (Tally* stage = stage_tally()) ++stage->requests;
}

void VirtualUser::time_out(Nanoseconds now) { give_up(now, Fault::connect_timeout, Fault::timeout); }

void VirtualUser::cut_off(Nanoseconds now) {
  cut_off_ = true;
  give_up(now, Fault::cut_off, Fault::cut_off);
}

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
  if (phase_ == Phase::journey) worker_.last_answer = reply.ended;
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
  if (phase_ != Phase::journey) return phase_ == Phase::setup ? recorder.user_setup : recorder.user_teardown;
  return planned_ < worker_.warm_until ? recorder.warm_up : recorder.steps[step().tally];
}

Tally* VirtualUser::stage_tally() const {
  Recorder& recorder = *worker_.recorder;
  if (recorder.stages.empty() || planned_ < worker_.warm_until || phase_ != Phase::journey) return nullptr;
  return &recorder.stages[load_.first_stage + load_.load.profile().stage_at(planned_ - load_.start)];
}

// A pass that the test's end cuts off, in a step or between two, stays begun and never ends.
void VirtualUser::count_in_group(Nanoseconds at, bool succeeded) {
  GroupTally& tally = worker_.recorder->groups[*step().group];
  if (step().begins_group) {
    group_begun_ = planned_;
    group_time_ = Nanoseconds(0);
    group_counts_ = planned_ >= worker_.warm_until;
    if (group_counts_) ++tally.begun;
  }
  group_time_ += at - planned_;
  if (!group_counts_ || cut_off_ || (succeeded && !step().ends_group)) return;
  ++tally.passes;
  if (!succeeded) ++tally.failed;
  tally.durations.record(at - group_begun_);
  tally.responses.record(group_time_);
}

// A failed step ends the iteration, as later ones may rest on it.
void VirtualUser::go_on(Nanoseconds at, bool succeeded, bool connected) {
  ended_ = at;
  if (phase_ == Phase::setup) return go_on_setting_up(at, succeeded);
  if (phase_ == Phase::teardown) return go_on_tearing_down(at, succeeded);
  if (step().group) count_in_group(at, succeeded);
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

void VirtualUser::go_on_setting_up(Nanoseconds at, bool succeeded) {
  if (succeeded && step_index_ + 1 < journey_->steps.size() && !load_.over) {
    ++step_index_;
    planned_ = available_ = at;
    return perform();
  }
  const bool whole = succeeded && step_index_ + 1 == journey_->steps.size();
  if (whole) {
    own_->values = std::move(variables_);
    note_teardown();
  }
  // The iteration that waited for it is not begun any more; an open model's driver has counted it as dropped.
  if (load_.over) return host_.iteration_over(*this, at, at, true);
  if (whole) {
    --load_.setting_up;
    if (start_journey(load_.load.is_open() ? own_->arrival : at, at)) return;
    if (load_.load.is_open() && !load_.used_up) ++worker_.recorder->dropped;
    return host_.iteration_over(*this, at, at, true);
  }
  const Nanoseconds pause = std::min(kLongestSetupPause, kFirstSetupPause * (1 << std::min(own_->attempts++, 10)));
  wake_ = Wake::setup;
  planned_ = at + Nanoseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) * random_.uniform(0.5, 1)));
  worker_.timers.set(planned_, *this);
}

void VirtualUser::go_on_tearing_down(Nanoseconds at, bool succeeded) {
  if (!succeeded || step_index_ + 1 == journey_->steps.size()) return;
  ++step_index_;
  planned_ = available_ = at;
  perform();
}

}  // namespace loadlab
