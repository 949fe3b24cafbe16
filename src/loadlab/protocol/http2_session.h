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

#include "base/clock.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/request.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// One request and what has come of it. Kept by its owner and used for one exchange after another, so that its texts
// keep their memory.
struct Http2Exchange {
  Wanted wanted;
  std::string_view unsent_body;  // into the message, or into own_body
  std::string own_body;

  int status = 0;
  base::Nanoseconds first_byte{0};
  std::uint64_t bytes_sent = 0;      // of its frames
  std::uint64_t bytes_received = 0;  // of its whole frames
  std::string head;
  std::string body;
  bool body_was_cut = false;

  std::int32_t stream = 0;  // 0: not on its way
  int interim = 0;
  std::size_t head_bytes = 0;
  bool whole = false;  // the answer's end has arrived
  bool reset_by_peer = false;
  Fault broken = Fault::none;  // why its stream was given up by our side
};

class Http2SessionOwner {
 public:
  // The server has said, for the first time or again, how many streams it bears: see `most_streams`.
  virtual void on_settings() = 0;
  // The server takes no further streams.
  virtual void on_going_away() = 0;
  // The exchange is over, and free for another one. Called from within `feed` and `collect`; the owner may submit and
  // cancel exchanges meanwhile, but must neither call those two nor end the session.
  virtual void on_exchange_end(Http2Exchange& exchange, Fault fault) = 0;

 protected:
  ~Http2SessionOwner() = default;
};

class Http2Session {
 public:
  // How much a server may send before it must wait to be told to go on: enough for 1 MiB in a round trip of one stream
  // and 16 MiB of all.
  static constexpr std::int32_t kStreamWindow = 1024 * 1024;
  static constexpr std::int32_t kConnectionWindow = 16 * 1024 * 1024;
  // Frames that bring no answer forward (settings, pings, empty data, resets of streams that are over …), in a second.
  // Servers send a handful; some ping once a round trip.
  static constexpr int kMostIdleFrames = 10'000;

  // The owner must outlive the session. The first bytes to send are ready at once.
  explicit Http2Session(Http2SessionOwner& owner);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Begins the exchange on a new stream. False if the connection can carry no more: its stream numbers are used up. A
  // lasting message must outlive the exchange; of another, nothing is needed after the call.
  bool submit(Http2Exchange& exchange, const Message& message, Wanted wanted);

  // Resets the exchange's stream; nothing more is said of it.
  void cancel(Http2Exchange& exchange);

  // Takes what the server sent, as much as one read brought. A fault ends the connection.
  Fault feed(std::string_view bytes, base::Nanoseconds now);

  // Appends what is to be sent to `out`, until that has `enough` bytes or more. A fault ends the connection.
  Fault collect(std::string& out, std::size_t enough);

  // Either side has ended the connection: nothing more will be sent or read.
  bool is_over() const;

  // The server takes no further streams.
  bool going_away() const { return going_away_; }

  // How many exchanges the server carries out at once.
  std::uint32_t most_streams() const;

 private:
  struct Delete {
    void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  };
  friend struct Http2Callbacks;

  Http2Exchange* find(std::int32_t stream);
  void forget(std::int32_t stream);
  bool begin_head(std::int32_t stream);
  bool add_header(std::string_view name, std::string_view value);
  void add_body(std::int32_t stream, std::string_view piece);
  void on_frame(const nghttp2_frame& frame);
  void on_sent(const nghttp2_frame& frame);
  ssize_t read_body(std::int32_t stream, std::uint8_t* buffer, std::size_t size, std::uint32_t& flags);
  void on_stream_end(std::int32_t stream, std::uint32_t error_code);

  Http2SessionOwner& owner_;
  std::unique_ptr<nghttp2_session, Delete> session_;
  std::vector<nghttp2_nv> fields_;  // of the request being submitted
  // The stream looked up last: what arrives in one piece mostly belongs to it.
  std::int32_t found_stream_ = 0;
  Http2Exchange* found_ = nullptr;
  base::Nanoseconds now_{0};
  base::Nanoseconds second_{0};  // since when idle frames are counted
  int idle_frames_ = 0;
  bool in_trailers_ = false;  // of the stream found last
  bool going_away_ = false;
};

}  // namespace loadlab
