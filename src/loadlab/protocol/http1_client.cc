#include "loadlab/protocol/http1_client.h"

#include <cassert>
#include <cerrno>

#include "loadlab/protocol/faults.h"

namespace loadlab {

Fault Http1Client::open() {
  assert(state_ == State::closed);
  const Fault fault = connect_fault(stream_.connect(context_.dialer, *this));
  if (fault == Fault::none) state_ = State::opening;
  reused_ = false;
  return fault;
}

void Http1Client::send(const Message& message, Wanted wanted) {
  assert(state_ == State::idle && unsent_.empty());
  state_ = State::busy;
  received_ = 0;
  first_byte_ = base::Nanoseconds(0);
  send_broken_ = false;
  parser_.begin(message.head_request, wanted);
  last_ = message.last;
  message_size_ = message.bytes.size();
  held_back_ = message.held_back;
  std::string_view rest = message.bytes;
  const ssize_t sent = stream_.send(rest.substr(0, rest.size() - held_back_));
  if (sent < 0 && !would_block(errno)) {
    // The socket's hang-up event is on its way, or has not been read yet: the end is told from there.
    send_broken_ = true;
    return;
  }
  rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  if (rest.empty()) return;
  unsent_ = message.lasting ? rest : std::string_view(own_unsent_.assign(rest));
  if (held_back_ > 0) await_continue();
}

void Http1Client::await_continue() {
  if (!alarm_) alarm_ = std::make_unique<Alarm>(context_.dialer.poller(), static_cast<AlarmListener&>(*this));
  // Without a descriptor for it there is no waiting; a client may always send its body unasked (RFC 9110, 10.1.1).
  if (alarm_->set(kContinueWait) != 0) send_body();
}

void Http1Client::on_alarm() {
  // Once the final answer has begun nobody wants the body any more.
  if (state_ == State::busy && parser_.status() < 200) send_body();
}

void Http1Client::send_body() {
  if (alarm_) alarm_->lift();
  held_back_ = 0;
  flush();
}

void Http1Client::abandon() {
  if (state_ == State::closed) return;
  // An idle connection is closed politely; one in the middle of something is reset, so that no late answer can linger.
  if (state_ != State::idle) stream_.abort();
  close();
}

void Http1Client::on_ready(std::uint32_t events) {
  switch (state_) {
    case State::closed:
      return;
    case State::opening:
      return go_on_opening();
    case State::idle:
      if (!stream_.outlives(events, context_.buffer)) close();
      return;
    case State::busy:
      if ((events & EPOLLOUT) != 0 && unsent_.size() > held_back_) flush();
      if ((events & EPOLLIN) != 0 || Stream::has_end(events)) receive(Stream::has_end(events));
      return;
  }
}

void Http1Client::go_on_opening() {
  const Stream::Progress progress = stream_.advance();
  if (progress == Stream::Progress::waiting) return;
  const Opening opening{connect_fault(stream_.error()), stream_.connect_time(), stream_.tls_time()};
  if (progress == Stream::Progress::open) {
    state_ = State::idle;
  } else {
    close();
  }
  owner_.on_open(opening);
}

void Http1Client::flush() {
  const ssize_t sent = stream_.send(unsent_.substr(0, unsent_.size() - held_back_));
  if (sent > 0) unsent_.remove_prefix(static_cast<std::size_t>(sent));
  if (sent < 0 && !would_block(errno)) send_broken_ = true;
}

void Http1Client::receive(bool ended) {
  std::vector<char>& buffer = context_.buffer;
  for (;;) {
    const ssize_t size = stream_.receive(buffer);
    if (size < 0) {
      if (errno == EINTR) continue;
      if (would_block(errno)) return;
      // Before the answer's first byte nothing could be cut off: it is an end like any other.
      if (errno != kTlsTruncated || received_ > 0) return end(broken(receive_fault(errno)));
    }
    if (size <= 0) {
      const bool whole = parser_.finish() == Http1Parser::Progress::complete;
      // The server closed it before it had the request: neither's mistake, but its keep-alive time running out.
      const bool stale = reused_ && received_ == 0 && stream_.lost_what_was_sent();
      return end(whole ? Fault::none : stale ? Fault::stale : broken(parser_.fault()));
    }
    received_ += static_cast<std::uint64_t>(size);
    const auto arrived = static_cast<std::size_t>(size);
    std::size_t consumed = 0;
    switch (parser_.feed({buffer.data(), arrived}, consumed)) {
      case Http1Parser::Progress::failed:
        return end(parser_.fault());
      case Http1Parser::Progress::complete:
        // More than was asked for: the next answer could not be told from this rest.
        return end(consumed < arrived ? Fault::wrong_length : Fault::none, ended || stream_.is_over());
      case Http1Parser::Progress::more:
        if (first_byte_.count() == 0) first_byte_ = base::SystemClock::monotonic_now();
        if (held_back_ > 0 && parser_.continued()) send_body();
        break;
    }
    // An end that came together with these bytes has been reported already and will not be again.
    if (stream_.is_drained(arrived, buffer) && !ended) return;
  }
}

// The exchange's connection broke, or was closed too early.
Fault Http1Client::broken(Fault fault) const {
  // TLS knows more about it: the peer may have said why it wants no more.
  return send_broken_ && fault != Fault::tls_failed ? Fault::send_failed : fault;
}

void Http1Client::end(Fault fault, bool connection_ended) {
  Reply reply;
  reply.fault = fault;
  reply.status = parser_.status();
  reply.ended = base::SystemClock::monotonic_now();
  // An answer that one read brought whole is not timed twice.
  reply.first_byte = first_byte_.count() != 0 || received_ == 0 ? first_byte_ : reply.ended;
  reply.bytes_received = received_;
  reply.head = parser_.head();
  reply.body_was_cut = parser_.body_was_cut();
  if (fault == Fault::none) {
    reply.body = parser_.body();
    if (parser_.coding() != Coding::identity)
      reply.body = context_.decoder.decode(parser_.coding(), reply.body, reply.body_was_cut, reply.fault);
  }
  if (!unsent_.empty()) reply.bytes_sent = message_size_ - unsent_.size();
  if (fault != Fault::none) stream_.abort();
  // An answer that came before the request was all sent leaves the connection in no state to go on with.
  if (fault != Fault::none || connection_ended || last_ || !parser_.keep_alive() || !unsent_.empty()) {
    close();
  } else {
    state_ = State::idle;
    reused_ = true;
  }
  owner_.on_reply(reply);
}

void Http1Client::close() {
  stream_.close();
  unsent_ = {};
  held_back_ = 0;
  if (alarm_) alarm_->lift();
  state_ = State::closed;
}

}  // namespace loadlab
