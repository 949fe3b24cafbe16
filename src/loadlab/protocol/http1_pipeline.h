// One HTTP/1.1 connection on which requests don't wait for the answers to those before them (RFC 9112, 9.3.2).
//
// Answers come in the requests' order, so that a connection on which one of them fails, or is given up, is of no use to
// those behind it: they end as `broken_pipeline`, and are not sent again.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "loadlab/protocol/http1_parser.h"
#include "loadlab/protocol/shared_session.h"

namespace loadlab {

class Http1Pipeline final : public SharedSession {
 public:
  // The owner must outlive the session.
  explicit Http1Pipeline(SessionOwner& owner) : owner_(owner) {}

  bool submit(Exchange& exchange, const Message& message, Wanted wanted) override;
  // Ends the connection, unless the exchange is not on it.
  void cancel(Exchange& exchange) override;
  Fault feed(std::string_view bytes, base::Nanoseconds now) override;
  Fault finish() override;
  Fault collect(std::string& out, std::size_t enough) override;
  bool is_ready_at_once() const override { return true; }
  Fault must_end_now() const override { return over_ ? Fault::broken_pipeline : Fault::none; }
  Fault must_end_when_sent() const override { return must_end_now(); }
  Fault fault_of(const Exchange& exchange, Fault fault) const override;
  // HTTP/1.1 has no word for it.
  std::uint32_t most_streams() const override { return UINT32_MAX; }

 private:
  struct Asked {
    Exchange* exchange;
    bool head_request;
  };

  void end_first();

  SessionOwner& owner_;
  std::deque<Asked> asked_;  // in the order in which the answers come
  std::string unsent_;
  Http1Parser parser_;      // of the answer to the first of them
  bool answering_ = false;  // it has begun
  bool over_ = false;
};

std::unique_ptr<SharedSession> http1_pipeline(SessionOwner& owner);

}  // namespace loadlab
