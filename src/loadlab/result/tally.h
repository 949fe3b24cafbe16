// What was counted and timed: for all requests of a test, for one step, or for one second.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "stats/histogram.h"

namespace loadlab {

// The times of a request, in nanoseconds; GLOSSARY.md says what each one means. Requests that got an answer, or failed
// in a way that took time (a time-out, a reset), are in the first four; those that never had a connection are in all
// of these but `service`, and only those whose answer began are in the last two.
struct Timings {
  stats::Histogram response;
  stats::Histogram service;
  stats::Histogram connection_wait;
  stats::Histogram send_lag;
  stats::Histogram first_byte;  // of the service time, until the first byte came
  stats::Histogram transfer;    // of the service time, from then on

  void merge(const Timings& other);
  void clear();
};

// How a request can fail, in the order of its life. A status that the check refused is one kind a status: `status 503`;
// every other check that an answer doesn't meet is a kind of its own: `check: json /state = "open"`.
enum class Fault : std::uint16_t {
  none = 0,
  resolve,          // the name has no address
  connect_refused,  // nobody listens there
  connect_timeout,
  connect_failed,        // unreachable …
  no_ports,              // this machine has no port left to connect from
  no_descriptors,        // this process, or the machine, has no descriptor left
  tls_failed,            // the TLS handshake, or TLS itself later on
  tls_untrusted,         // the target's certificate is not trusted
  tls_no_protocol,       // no common version of TLS, or the target does not agree to HTTP/2 (ALPN)
  send_failed,           // the connection broke while the request was sent
  timeout,               // no full answer within the request time-out
  reset,                 // the peer reset the connection before its answer was whole
  closed,                // the peer closed it before anything of its answer had come
  cut_short,             // the peer closed it in the middle of its answer
  not_http,              // what came is no answer in HTTP at all
  head_too_large,        // its headers are larger than any client takes
  body_too_large,        // its body is longer than the plan allows
  wrong_length,          // more came than the answer's length said, or it says two
  bad_chunk,             // HTTP/1.1: a chunk's size is none, or its line has no end
  endless_interim,       // interim answers (1xx) without end
  tls_truncated,         // the connection ended without TLS's farewell before its answer was whole
  stale,                 // it ended as the request came, which was never taken: the server's keep-alive time ran out
  protocol,              // it breaks the protocol in another way
  stream_reset,          // HTTP/2: the server gave this request up; the connection lives on
  stream_refused,        // HTTP/2: the server has not begun with it
  going_away,            // HTTP/2: the server is ending the connection and has not begun with it
  flood,                 // the server sends more HTTP/2 frames, or TLS records, without content than any has reason to
  undecodable,           // the answer's body, which a check or a capture looks at, can't be unpacked
  redirected_elsewhere,  // HTTP's redirect leads to another host than the target
  too_many_redirects,    // more, one after the other, than the plan allows
  bad_redirect,          // where it leads is no URL
  broken_pipeline,       // HTTP/1.1: the connection ended with an earlier answer of its pipeline
  capture,               // the answer lacks what a later step needs
  cut_off,               // still without an answer when the drain time after the test's end was over
  first_status = 100,    // 100 + n … : status 100 + n was refused
  first_check = 2000,    // 2000 + n … : the test's check number n was not met; beyond any status of three digits
};

Fault status_fault(int status);
// Whether an answer came that the target gave by its own will, if not the one that was wanted: below status 500, or
// what doesn't meet a check.
bool is_answer(Fault fault);
Fault check_fault(std::size_t check);
// "connection refused", "timeout", "status 503" … `checks` are the names of the test's checks, by number.
std::string name_of(Fault fault, const std::vector<std::string>& checks);
std::string name_of(Fault fault);

struct Tally {
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::map<Fault, std::uint64_t> faults;  // sums to `failed`
  Timings timings;

  void merge(const Tally& other);
  void clear();
  double error_percent() const;
};

// Passes through a group of steps. Those that failed are in both times, until the end of the step that did.
struct GroupTally {
  std::uint64_t begun = 0;     // known once their first step has ended
  std::uint64_t passes = 0;    // those that ended; once a test is over, the end of it has cut off all others
  std::uint64_t failed = 0;    // of those that ended: a step of theirs failed
  stats::Histogram durations;  // from the first step's planned start to the last one's end, in nanoseconds
  stats::Histogram responses;  // the same without the time to think in between: what the user waited

  void merge(const GroupTally& other);
  void clear();
  std::uint64_t cut_off() const { return begun - passes; }
  double error_percent() const;
};

// The connections that were opened, in nanoseconds; those without TLS, or whose session failed, are in one only.
struct Openings {
  stats::Histogram connect;
  stats::Histogram tls;

  void merge(const Openings& other);
  void clear();
};

struct NamedGroup {
  std::string name;
  GroupTally tally;
};

struct StepTally {
  std::string name;
  Tally tally;
};

}  // namespace loadlab
