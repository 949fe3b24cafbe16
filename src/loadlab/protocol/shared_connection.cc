#include "loadlab/protocol/shared_connection.h"

#include <algorithm>
#include <cassert>
#include <cerrno>

#include "loadlab/protocol/faults.h"
#include "loadlab/protocol/shared_pool.h"

namespace loadlab {
namespace {

using base::SystemClock;

// Bytes collected for one send: several full frames.
constexpr std::size_t kEnoughToSend = 64 * 1024;

// Reads in a turn: a download that never pauses must not keep the others, and their time-outs, from theirs.
constexpr int kMostReads = 16;

}  // namespace

SharedConnection::SharedConnection(SharedPool& pool) : pool_(pool), most_users_(pool.most_users_) {}

Fault SharedConnection::open() { return connect_fault(stream_.connect(pool_.dialer_, *this)); }

void SharedConnection::join(SharedClient& client) {
  assert(has_room());
  client.connection_ = this;
  client.state_ = Client::State::opening;
  client.place_ = users_.size();
  users_.push_back(&client);
  waiting_.push_back(&client);
  if (state_ == State::open) put_off();
}

void SharedConnection::submit(SharedClient& client, const Message& message, Wanted wanted) {
  client.state_ = Client::State::busy;
  client.reads_before_ = reads_;
  if (!session_->submit(client, message, wanted)) {
    retired_ = true;
    unsendable_.push_back(&client);
  }
  if (!in_turn_) put_off();
}

void SharedConnection::abandon(SharedClient& client) {
  if (client.state_ == Client::State::busy) {
    session_->cancel(client);
    // Nothing has come since the request was made, or nothing is taken: the peer may be gone. Who stays will see; the
    // next to open finds another connection.
    if (session_->must_end_now() != Fault::none || client.reads_before_ == reads_ || !unsent_.empty()) retire();
    put_off();
  }
  leave(client);
}

// The client is closed, and the connection too if it was the last. It may be told of it after that.
void SharedConnection::leave(SharedClient& client) {
  if (client.state_ == Client::State::opening) std::erase(waiting_, &client);
  if (client.state_ == Client::State::busy) std::erase(unsendable_, &client);
  const bool idle = client.state_ == Client::State::idle;
  client.state_ = Client::State::closed;
  client.connection_ = nullptr;
  client.stream = 0;
  users_.back()->place_ = client.place_;
  users_[client.place_] = users_.back();
  users_.pop_back();
  if (state_ == State::ended) return;
  if (users_.empty()) return close(idle);
  pool_.offer(*this);
}

void SharedConnection::put_off() {
  if (put_off_ || state_ == State::ended) return;
  put_off_ = true;
  pool_.put_off(*this);
}

bool SharedConnection::end_turn() {
  put_off_ = false;
  if (state_ == State::ended) return false;
  in_turn_ = true;
  const bool news = !waiting_.empty() || !unsendable_.empty() || more_to_read_;
  tell_waiting();
  while (!unsendable_.empty()) {
    SharedClient& client = *unsendable_.back();
    leave(client);
    client.tell(Fault::send_failed, SystemClock::monotonic_now());
  }
  if (std::exchange(more_to_read_, false)) receive(true);
  flush();
  in_turn_ = false;
  return news || state_ == State::ended;
}

void SharedConnection::on_ready(std::uint32_t events) {
  if (state_ == State::ended) return;
  in_turn_ = true;
  const bool ends = Stream::has_end(events);
  if (state_ != State::connecting || go_on_opening()) {
    if ((events & EPOLLIN) != 0 || ends) receive(ends);
    flush();
  }
  in_turn_ = false;
}

bool SharedConnection::go_on_opening() {
  const Stream::Progress progress = stream_.advance();
  if (progress == Stream::Progress::waiting) return false;
  opening_.connect = stream_.connect_time();
  opening_.tls = stream_.tls_time();
  if (progress == Stream::Progress::failed) {
    end(connect_fault(stream_.error()));
    return false;
  }
  state_ = State::greeting;
  session_ = pool_.make_session_(*this);
  if (session_->is_ready_at_once()) on_settings();
  tell_waiting();
  return state_ != State::ended;
}

void SharedConnection::receive(bool ended) {
  std::vector<char>& buffer = pool_.input_;
  for (int round = 0; round < kMostReads; ++round) {
    const ssize_t size = stream_.receive(buffer);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (would_block(errno)) return;
      return end(receive_fault(errno));
    }
    if (size == 0) {
      const Fault fault = session_->finish();
      return state_ == State::ended ? void() : end(fault);
    }
    ++reads_;
    read_at_ = SystemClock::monotonic_now();
    const auto arrived = static_cast<std::size_t>(size);
    const Fault fault = session_->feed({buffer.data(), arrived}, read_at_);
    if (state_ == State::ended) return;
    if (fault != Fault::none) return end(fault);
    tell_waiting();
    flush();
    if (state_ == State::ended) return;
    // An end that came together with these bytes has been reported already and will not be again.
    if (stream_.is_drained(arrived, buffer) && !ended) return;
  }
  more_to_read_ = true;
  put_off();
}

void SharedConnection::flush() {
  if (!session_ || state_ == State::ended) return;
  if (const Fault fault = session_->must_end_now(); fault != Fault::none) return end(fault);
  if (!send_rest()) return;
  std::string& out = pool_.output_;
  for (;;) {
    out.clear();
    const Fault fault = session_->collect(out, kEnoughToSend);
    if (state_ == State::ended) return;
    if (fault != Fault::none) return end(fault);
    if (out.empty()) break;
    const ssize_t sent = stream_.send(out);
    // A broken socket's hang-up event is on its way, or has not been read yet: the end is told from there.
    if (sent < 0 && !would_block(errno)) return;
    const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    if (taken < out.size()) {
      unsent_.assign(out, taken);
      return;
    }
  }
  if (const Fault fault = session_->must_end_when_sent(); fault != Fault::none) end(fault);
}

bool SharedConnection::send_rest() {
  if (unsent_.empty()) return true;
  const ssize_t sent = stream_.send(unsent_);
  if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  return unsent_.empty();
}

void SharedConnection::on_settings() {
  most_users_ = std::clamp<std::size_t>(session_->most_streams(), 1, pool_.streams_);
  pool_.learn(most_users_);
  if (state_ == State::greeting) state_ = State::open;
  pool_.offer(*this);
}

void SharedConnection::tell_waiting() {
  if (state_ != State::open) return;
  // A server that sends away whom it has just greeted would do so for ever.
  if (retired_ && !welcomed_) return end(Fault::going_away);
  // Those who are too many for the server, or came as it began to go away, find another connection.
  while (!waiting_.empty() && (retired_ || users_.size() > most_users_)) move_on(*waiting_.back());
  while (!waiting_.empty() && state_ == State::open) {
    SharedClient& client = *waiting_.front();
    waiting_.pop_front();
    welcomed_ = true;
    client.state_ = Client::State::idle;
    client.owner_.on_open(std::exchange(opening_, Opening{}));
  }
}

void SharedConnection::move_on(SharedClient& client) {
  leave(client);
  const Fault fault = pool_.join(client);
  if (fault != Fault::none) client.owner_.on_open({fault});
}

void SharedConnection::retire() {
  retired_ = true;
  for (std::size_t i = users_.size(); i-- > 0 && state_ != State::ended;) {
    if (users_[i]->state_ == Client::State::idle) leave(*users_[i]);
  }
  if (!waiting_.empty()) put_off();
}

void SharedConnection::on_exchange_end(Exchange& exchange, Fault fault) {
  auto& client = static_cast<SharedClient&>(exchange);
  const bool stays = !retired_ && users_.size() <= most_users_ && fault != Fault::send_failed;
  if (stays) {
    client.state_ = Client::State::idle;
  } else {
    leave(client);
  }
  client.tell(fault, fault == Fault::none ? read_at_ : SystemClock::monotonic_now());
}

void SharedConnection::end(Fault fault) {
  const base::Nanoseconds now = SystemClock::monotonic_now();
  close(false);
  waiting_.clear();
  unsendable_.clear();
  while (!users_.empty()) {
    SharedClient& client = *users_.back();
    const Client::State state = client.state_;
    const Fault own = session_ ? session_->fault_of(client, fault) : fault;
    leave(client);
    if (state == Client::State::busy) client.tell(own, now);
    if (state != Client::State::opening) continue;
    const Fault opening = welcomed_ ? pool_.join(client) : fault;
    if (opening != Fault::none) client.owner_.on_open({opening});
  }
}

void SharedConnection::close(bool politely) {
  if (!politely) stream_.abort();
  stream_.close();
  state_ = State::ended;
  pool_.bury();
}

}  // namespace loadlab
