#include "loadlab/protocol/redirecting_client.h"

#include <optional>

#include "loadlab/plan/http_text.h"
#include "loadlab/protocol/location.h"

namespace loadlab {
namespace {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::string_view> location_in(std::string_view head) {
  while (!head.empty()) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    const auto colon = line.find(':');
    if (same_header_name(line.substr(0, colon), "Location")) return line.substr(colon + 1);
    head.remove_prefix(std::min(head.size(), line.size() + 2));
  }
  return std::nullopt;
}

}  // namespace

void RedirectingClient::send(const Message& message, Wanted wanted) {
  left_ = message.redirects;
  may_follow_ = left_ > 0;
  if (may_follow_) {
    wanted.head = true;
    wanted_ = wanted;
    request_.begin(message);
    size_ = message.size;
    sent_ = received_ = 0;
  }
  client_->send(message, wanted);
}

void RedirectingClient::abandon() {
  following_ = false;
  client_->abandon();
}

void RedirectingClient::on_open(const Opening& opening) {
  if (!following_) return owner_.on_open(opening);
  if (opening.fault == Fault::none) return client_->send(next_, wanted_);
  size_ = 0;
  Reply reply;
  reply.fault = opening.fault;
  reply.ended = base::SystemClock::monotonic_now();
  end(reply);
}

void RedirectingClient::on_reply(const Reply& reply) {
  if (!may_follow_) return owner_.on_reply(reply);
  Fault fault = reply.fault;
  if (fault == Fault::none && is_redirect(reply.status) && follow(reply, fault)) return;
  Reply last = reply;
  last.fault = fault;
  end(last);
}

bool RedirectingClient::follow(const Reply& reply, Fault& fault) {
  const auto location = location_in(reply.head);
  if (!location) return false;
  if (left_ == 0) {
    fault = Fault::too_many_redirects;
    return false;
  }
  const Redirection redirection = redirection_of(*location, request_.path(), target_);
  fault = redirection.fault;
  if (fault != Fault::none) return false;
  --left_;
  sent_ += reply.bytes_sent != 0 ? reply.bytes_sent : size_;
  received_ += reply.bytes_received;
  next_ = request_.lead_to(redirection.path, reply.status);
  size_ = next_.size;
  following_ = true;
  owner_.on_redirect();
  if (client_->state() == State::idle) {
    client_->send(next_, wanted_);
    return true;
  }
  const Fault opening = client_->open();
  if (opening != Fault::none) on_open({opening});
  return true;
}

void RedirectingClient::end(Reply reply) {
  following_ = false;
  reply.bytes_sent = sent_ + (reply.bytes_sent != 0 ? reply.bytes_sent : size_);
  reply.bytes_received += received_;
  owner_.on_reply(reply);
}

}  // namespace loadlab
