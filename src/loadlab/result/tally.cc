#include "loadlab/result/tally.h"

#include <fmt/format.h>

namespace loadlab {

void Timings::merge(const Timings& other) {
  response.merge(other.response);
  service.merge(other.service);
  connection_wait.merge(other.connection_wait);
  send_lag.merge(other.send_lag);
  first_byte.merge(other.first_byte);
  transfer.merge(other.transfer);
}

void Timings::clear() {
  response.clear();
  service.clear();
  connection_wait.clear();
  send_lag.clear();
  first_byte.clear();
  transfer.clear();
}

void GroupTally::merge(const GroupTally& other) {
  begun += other.begun;
  passes += other.passes;
  failed += other.failed;
  durations.merge(other.durations);
  responses.merge(other.responses);
}

void GroupTally::clear() {
  begun = 0;
  passes = 0;
  failed = 0;
  durations.clear();
  responses.clear();
}

double GroupTally::error_percent() const {
  return passes == 0 ? 0 : 100 * static_cast<double>(failed) / static_cast<double>(passes);
}

void Openings::merge(const Openings& other) {
  connect.merge(other.connect);
  tls.merge(other.tls);
}

void Openings::clear() {
  connect.clear();
  tls.clear();
}

bool is_answer(Fault fault) {
  switch (fault) {
    case Fault::none:
    case Fault::body_too_large:
    case Fault::undecodable:
    case Fault::redirected_elsewhere:
    case Fault::too_many_redirects:
    case Fault::bad_redirect:
    case Fault::capture:
      return true;
    default:
      return fault >= Fault::first_check || (fault >= Fault::first_status && fault < status_fault(500));
  }
}

Fault status_fault(int status) { return static_cast<Fault>(static_cast<int>(Fault::first_status) + status); }

Fault check_fault(std::size_t check) {
  return static_cast<Fault>(static_cast<std::size_t>(Fault::first_check) + check);
}

std::string name_of(Fault fault, const std::vector<std::string>& checks) {
  if (fault < Fault::first_check) return name_of(fault);
  const auto check = static_cast<std::size_t>(fault) - static_cast<std::size_t>(Fault::first_check);
  return check < checks.size() ? checks[check] : fmt::format("check {}", check);
}

std::string name_of(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::resolve:
      return "name not resolved";
    case Fault::connect_refused:
      return "connection refused";
    case Fault::connect_timeout:
      return "connect timeout";
    case Fault::connect_failed:
      return "connect failed";
    case Fault::no_ports:
      return "no port left";
    case Fault::no_descriptors:
      return "no descriptor left";
    case Fault::tls_failed:
      return "TLS failed";
    case Fault::tls_untrusted:
      return "certificate not trusted";
    case Fault::tls_no_protocol:
      return "no common protocol";
    case Fault::send_failed:
      return "send failed";
    case Fault::timeout:
      return "timeout";
    case Fault::reset:
      return "connection reset";
    case Fault::closed:
      return "connection closed";
    case Fault::cut_short:
      return "answer cut short";
    case Fault::not_http:
      return "not HTTP";
    case Fault::head_too_large:
      return "headers too large";
    case Fault::body_too_large:
      return "body too large";
    case Fault::wrong_length:
      return "wrong length";
    case Fault::bad_chunk:
      return "bad chunk";
    case Fault::endless_interim:
      return "interim answers without end";
    case Fault::tls_truncated:
      return "TLS truncated";
    case Fault::stale:
      return "keep-alive ran out";
    case Fault::protocol:
      return "protocol error";
    case Fault::stream_reset:
      return "stream reset";
    case Fault::stream_refused:
      return "stream refused";
    case Fault::going_away:
      return "server going away";
    case Fault::flood:
      return "flood of frames";
    case Fault::undecodable:
      return "undecodable body";
    case Fault::redirected_elsewhere:
      return "redirected elsewhere";
    case Fault::too_many_redirects:
      return "too many redirects";
    case Fault::bad_redirect:
      return "bad redirect";
    case Fault::broken_pipeline:
      return "broken pipeline";
    case Fault::capture:
      return "capture failed";
    case Fault::cut_off:
      return "cut off at the end";
    default:
      return fmt::format("status {}", static_cast<int>(fault) - static_cast<int>(Fault::first_status));
  }
}

void Tally::merge(const Tally& other) {
  requests += other.requests;
  failed += other.failed;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  for (const auto& [fault, count] : other.faults) faults[fault] += count;
  timings.merge(other.timings);
}

void Tally::clear() {
  requests = 0;
  failed = 0;
  bytes_sent = 0;
  bytes_received = 0;
  faults.clear();
  timings.clear();
}

double Tally::error_percent() const {
  return requests == 0 ? 0.0 : 100.0 * static_cast<double>(failed) / static_cast<double>(requests);
}

}  // namespace loadlab
