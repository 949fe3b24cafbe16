// One HTTP/2 connection's frames, without its socket (RFC 9113): requests in, bytes out; bytes in, answers out.
//
// nghttp2's client session, kept to what a load needs: no pushes, windows wide enough that a download doesn't wait for
// them, and bounds on what a hostile server can make it do. Belongs to one thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/protocol/shared_session.h"

namespace loadlab {

class Http2Session final : public SharedSession {
 public:
  // How much a server may send before it must wait to be told to go on: enough for 1 MiB in a round trip of one stream
  // and 16 MiB of all.
  static constexpr std::int32_t kStreamWindow = 1024 * 1024;
  static constexpr std::int32_t kConnectionWindow = 16 * 1024 * 1024;
  // Frames that bring no answer forward (settings, pings, empty data, resets of streams that are over …), in a second.
  // Servers send a handful; some ping once a round trip.
  static constexpr int kMostIdleFrames = 10'000;

  // The owner must outlive the session. The first bytes to send are ready at once.
  explicit Http2Session(SessionOwner& owner);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // On a new stream; false once their numbers are used up.
  bool submit(Exchange& exchange, const Message& message, Wanted wanted) override;
  // Resets the exchange's stream.
  void cancel(Exchange& exchange) override;
  Fault feed(std::string_view bytes, base::Nanoseconds now) override;
  Fault finish() override { return Fault::closed; }
  Fault collect(std::string& out, std::size_t enough) override;
  bool is_ready_at_once() const override { return false; }
  Fault must_end_now() const override { return Fault::none; }
  // The server has gone away; or it broke the rules, and has been told so.
  Fault must_end_when_sent() const override {
    return !is_over() ? Fault::none : going_away_ ? Fault::going_away : Fault::protocol;
  }
  Fault fault_of(const Exchange&, Fault fault) const override { return fault; }
  std::uint32_t most_streams() const override;

  // Either side has ended the connection: nothing more will be sent or read.
  bool is_over() const;

  // The server takes no further streams.
  bool going_away() const { return going_away_; }

 private:
  struct Delete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  friend struct Http2Callbacks;

  Exchange* find(std::int32_t stream);
  void forget(std::int32_t stream);
  bool begin_head(std::int32_t stream);
  bool add_header(std::string_view name, std::string_view value);
  void give_up(Exchange& exchange, Fault fault);
  void add_body(std::int32_t stream, std::string_view piece);
  void on_frame(const nghttp2_frame& frame);
  void on_sent(const nghttp2_frame& frame);
  ssize_t read_body(std::int32_t stream, std::uint8_t* buffer, std::size_t size, std::uint32_t& flags);
  void on_stream_end(std::int32_t stream, std::uint32_t error_code);

  SessionOwner& owner_;
  std::unique_ptr<nghttp2_session, Delete> session_;
  std::vector<nghttp2_nv> fields_;  // of the request being submitted
  // The stream looked up last: what arrives in one piece mostly belongs to it.
  std::int32_t found_stream_ = 0;
  Exchange* found_ = nullptr;
  base::Nanoseconds now_{0};
  base::Nanoseconds second_{0};  // since when idle frames are counted
  int idle_frames_ = 0;
  bool in_trailers_ = false;  // of the stream found last
  bool going_away_ = false;
};

std::unique_ptr<SharedSession> http2_session(SessionOwner& owner);

}  // namespace loadlab
