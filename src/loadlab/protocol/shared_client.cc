#include "loadlab/protocol/shared_client.h"

#include <cassert>

#include "loadlab/protocol/shared_connection.h"
#include "loadlab/protocol/shared_pool.h"

namespace loadlab {

Fault SharedClient::open() {
  assert(state_ == State::closed);
  return pool_.join(*this);
}

void SharedClient::send(const Message& message, Wanted what) {
  assert(state_ == State::idle);
  connection_->submit(*this, message, what);
}

void SharedClient::abandon() {
  if (state_ != State::closed) connection_->abandon(*this);
}

void SharedClient::tell(Fault fault, base::Nanoseconds ended) {
  Reply reply;
  reply.fault = fault;
  reply.status = status;
  reply.first_byte = first_byte;
  reply.ended = ended;
  reply.bytes_sent = bytes_sent;
  reply.bytes_received = bytes_received;
  reply.head = head;
  reply.body_was_cut = body_was_cut;
  if (fault == Fault::none) reply.body = pool_.decoder().decode(coding, body, reply.body_was_cut, reply.fault);
  owner_.on_reply(reply);
}

}  // namespace loadlab
