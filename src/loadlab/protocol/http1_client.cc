#include "loadlab/protocol/http1_client.h"

#include <cassert>
#include <cerrno>

namespace loadlab {
namespace {

// The peer has closed or reset the connection, or it broke.
constexpr std::uint32_t kEnds = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}  // namespace

Fault connect_fault(int error) {
  switch (error) {
    case 0:
      return Fault::none;
    case ECONNREFUSED:
      return Fault::connect_refused;
    case ETIMEDOUT:
      return Fault::connect_timeout;
    case EADDRNOTAVAIL:
      return Fault::no_ports;
    case EMFILE:
    case ENFILE:
      return Fault::no_descriptors;
    default:
      return Fault::connect_failed;
  }
}

Fault Http1Client::open() {
  assert(state_ == State::closed);
  int error = socket_.connect(context_.address);
  if (error == 0) error = context_.poller.add(socket_.fd(), *this);
  if (error != 0) {
    socket_.close();
    return connect_fault(error);
  }
  state_ = State::opening;
  opened_at_ = base::SystemClock::monotonic_now();
  return Fault::none;
}

void Http1Client::send(const Message& message, Wanted wanted) {
  assert(state_ == State::idle && unsent_.empty());
  state_ = State::busy;
  received_ = 0;
  first_byte_ = base::Nanoseconds(0);
  send_broken_ = false;
  parser_.begin(message.head_request, wanted);
  const ssize_t sent = socket_.send(message.bytes);
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    // The socket's hang-up event is on its way, or has not been read yet: the end is told from there.
    send_broken_ = true;
    return;
  }
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (taken < message.bytes.size()) unsent_.assign(message.bytes.substr(taken));
}

void Http1Client::abandon() {
  if (state_ == State::closed) return;
  // An idle connection is closed politely; one in the middle of something is reset, so that no late answer can linger.
  if (state_ != State::idle) socket_.abort();
  close();
}

void Http1Client::on_ready(std::uint32_t events) {
  switch (state_) {
    case State::closed:
      return;
    case State::opening:
      return on_connected();
    case State::idle:
      // Nothing was asked, so whatever this is ends the connection: mostly the server's keep-alive time running out.
      if ((events & (EPOLLIN | kEnds)) != 0) close();
      return;
    case State::busy:
      if ((events & EPOLLOUT) != 0 && !unsent_.empty()) flush();
      if ((events & (EPOLLIN | kEnds)) != 0) receive((events & kEnds) != 0);
      return;
  }
}

void Http1Client::on_connected() {
  Opening opening;
  opening.fault = connect_fault(socket_.connect_error());
  opening.connect = base::SystemClock::monotonic_now() - opened_at_;
  if (opening.fault == Fault::none) {
    state_ = State::idle;
  } else {
    close();
  }
  owner_.on_open(opening);
}

void Http1Client::flush() {
  const ssize_t sent = socket_.send(unsent_);
  if (sent > 0) unsent_.erase(0, static_cast<std::size_t>(sent));
  if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) send_broken_ = true;
}

void Http1Client::receive(bool ended) {
  std::vector<char>& buffer = context_.buffer;
  for (;;) {
    const ssize_t size = socket_.receive(buffer.data(), buffer.size());
    if (size < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      return end(send_broken_ ? Fault::send_failed : Fault::reset);
    }
    if (size == 0) {
      const bool whole = parser_.finish() == Http1Parser::Progress::complete;
      return end(whole ? Fault::none : send_broken_ ? Fault::send_failed : parser_.fault());
    }
    received_ += static_cast<std::uint64_t>(size);
    const auto arrived = static_cast<std::size_t>(size);
    std::size_t consumed = 0;
    switch (parser_.feed({buffer.data(), arrived}, consumed)) {
      case Http1Parser::Progress::failed:
        return end(parser_.fault());
      case Http1Parser::Progress::complete:
        // More than was asked for: the next answer could not be told from this rest.
        return end(consumed < arrived ? Fault::wrong_length : Fault::none, ended);
      case Http1Parser::Progress::more:
        if (first_byte_.count() == 0) first_byte_ = base::SystemClock::monotonic_now();
        break;
    }
    // A short read has emptied the socket, and the next bytes bring an event of their own; but an end that came
    // together with these bytes has been reported already and will not be again.
    if (arrived < buffer.size() && !ended) return;
  }
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
  reply.body = parser_.body();
  reply.body_was_cut = parser_.body_was_cut();
  if (fault != Fault::none) socket_.abort();
  // An answer that came before the request was all sent leaves the connection in no state to go on with.
  if (fault != Fault::none || connection_ended || !parser_.keep_alive() || !unsent_.empty()) {
    close();
  } else {
    state_ = State::idle;
  }
  owner_.on_reply(reply);
}

void Http1Client::close() {
  socket_.close();
  unsent_.clear();
  state_ = State::closed;
}

}  // namespace loadlab
