#include "loadlab/protocol/http2_client.h"

#include <cassert>

#include "loadlab/protocol/http2_connection.h"
#include "loadlab/protocol/http2_pool.h"

namespace loadlab {

Fault Http2Client::open() {
  assert(state_ == State::closed);
  return pool_.join(*this);
}

void Http2Client::send(const Message& message, Wanted what) {
  assert(state_ == State::idle);
  connection_->submit(*this, message, what);
}

void Http2Client::abandon() {
  if (state_ != State::closed) connection_->abandon(*this);
}

void Http2Client::tell(Fault fault, base::Nanoseconds ended) {
  Reply reply;
  reply.fault = fault;
  reply.status = status;
  reply.first_byte = first_byte;
  reply.ended = ended;
  reply.bytes_sent = bytes_sent;
  reply.bytes_received = bytes_received;
  reply.head = head;
  reply.body = body;
  reply.body_was_cut = body_was_cut;
  owner_.on_reply(reply);
}

}  // namespace loadlab
