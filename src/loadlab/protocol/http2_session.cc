#include "loadlab/protocol/http2_session.h"

#include <algorithm>
#include <cassert>
#include <new>

#include "loadlab/protocol/http1_parser.h"

namespace loadlab {
namespace {

constexpr std::size_t kFrameHead = 9;
std::string_view view(const std::uint8_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};
}

std::uint8_t* bytes_of(std::string_view text) {
  // nghttp2 takes no pointers to const, and leaves what they point to alone.
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

}  // namespace

// nghttp2's calls back, each handed on to the session.
struct Http2Callbacks {
  static Http2Session& session(void* self) { return *static_cast<Http2Session*>(self); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    return session(self).begin_head(frame->hd.stream_id) ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
                       const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self) {
    return session(self).add_header(view(name, name_size), view(value, value_size))
               ? 0
               : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data, std::size_t size,
                     void* self) {
    session(self).add_body(stream, view(data, size));
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    session(self).on_frame(*frame);
    return session(self).idle_frames_ > Http2Session::kMostIdleFrames ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }
  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    session(self).on_sent(*frame);
    return 0;
  }
  static int on_stream_close(nghttp2_session*, std::int32_t stream, std::uint32_t error_code, void* self) {
    session(self).on_stream_end(stream, error_code);
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t stream, std::uint8_t* buffer, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source*, void* self) {
    return session(self).read_body(stream, buffer, size, *flags);
  }

  // Made once; sessions copy them.
  static const nghttp2_session_callbacks* all() {
    static const nghttp2_session_callbacks* const callbacks = [] {
      nghttp2_session_callbacks* made = nullptr;
      if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, on_header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
      nghttp2_session_callbacks_set_on_frame_send_callback(made, on_sent);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
      return made;
    }();
    return callbacks;
  }

  static const nghttp2_option* options() {
    static const nghttp2_option* const options = [] {
      nghttp2_option* made = nullptr;
      if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
      // Only a server that heeds priorities has a use for streams that are over.
      nghttp2_option_set_no_closed_streams(made, 1);
      // A plan may send headers as large as itself; the server decides whether it takes them.
      nghttp2_option_set_max_send_header_block_length(made, 1024 * 1024);
      return made;
    }();
    return options;
  }
};

Http2Session::Http2Session(SessionOwner& owner) : owner_(owner) {
  nghttp2_session* made = nullptr;
  if (nghttp2_session_client_new2(&made, Http2Callbacks::all(), this, Http2Callbacks::options()) != 0)
    throw std::bad_alloc();
  session_.reset(made);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, Http1Parser::kMaxHeadBytes},
  };
  if (nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings, std::size(settings)) != 0 ||
      nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, kConnectionWindow) != 0)
    throw std::bad_alloc();
}

bool Http2Session::submit(Exchange& exchange, const Message& message, Wanted wanted) {
  assert(exchange.stream == 0);
  exchange.begin(wanted);
  exchange.unsent_body = message.body;
  if (!message.lasting && !message.body.empty()) {
    exchange.own_body.assign(message.body);
    exchange.unsent_body = exchange.own_body;
  }
  fields_.clear();
  const std::uint8_t flags =
      message.lasting ? NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE : NGHTTP2_NV_FLAG_NONE;
  for (const HeaderField& field : message.fields) {
    fields_.push_back({bytes_of(field.name), bytes_of(field.value), field.name.size(), field.value.size(), flags});
  }
  nghttp2_data_provider body{};
  body.read_callback = Http2Callbacks::read_body;
  const std::int32_t stream = nghttp2_submit_request(session_.get(), nullptr, fields_.data(), fields_.size(),
                                                     message.body.empty() ? nullptr : &body, &exchange);
  if (stream == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  if (stream < 0) return false;
  forget(stream);
  exchange.stream = stream;
  return true;
}

void Http2Session::cancel(Exchange& exchange) {
  if (exchange.stream == 0) return;
  forget(exchange.stream);
  nghttp2_session_set_stream_user_data(session_.get(), exchange.stream, nullptr);
  if (nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange.stream, NGHTTP2_CANCEL) ==
      NGHTTP2_ERR_NOMEM)
    throw std::bad_alloc();
  exchange.stream = 0;
}

Fault Http2Session::feed(std::string_view bytes, base::Nanoseconds now) {
  now_ = now;
  if (now - second_ >= std::chrono::seconds(1)) {
    second_ = now;
    idle_frames_ = 0;
  }
  const ssize_t taken = nghttp2_session_mem_recv(session_.get(), bytes_of(bytes), bytes.size());
  if (taken >= 0) return Fault::none;
  if (taken == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  const bool flood = taken == NGHTTP2_ERR_FLOODED || taken == NGHTTP2_ERR_TOO_MANY_CONTINUATIONS ||
                     taken == NGHTTP2_ERR_CALLBACK_FAILURE;
  return flood ? Fault::flood : Fault::protocol;
}

Fault Http2Session::collect(std::string& out, std::size_t enough) {
  while (out.size() < enough) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
    if (size < 0) return Fault::protocol;
    if (size == 0) break;
    out.append(view(bytes, static_cast<std::size_t>(size)));
  }
  return Fault::none;
}

bool Http2Session::is_over() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

std::uint32_t Http2Session::most_streams() const {
  return nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

// None for a stream that was cancelled, and for one that the server pushed before it knew that it must not.
Exchange* Http2Session::find(std::int32_t stream) {
  if (stream != found_stream_) {
    found_stream_ = stream;
    found_ = static_cast<Exchange*>(nghttp2_session_get_stream_user_data(session_.get(), stream));
  }
  return found_;
}

void Http2Session::forget(std::int32_t stream) {
  if (stream != found_stream_) return;
  found_stream_ = 0;
  found_ = nullptr;
}

bool Http2Session::begin_head(std::int32_t stream) {
  Exchange* exchange = find(stream);
  if (exchange == nullptr) return true;
  if (exchange->first_byte.count() == 0) exchange->first_byte = now_;
  // After an interim answer (1xx) the real one begins anew; after a real one come trailers.
  in_trailers_ = exchange->status >= 200;
  if (in_trailers_) return true;
  if (exchange->status != 0) ++exchange->interim;
  exchange->status = 0;
  exchange->head.clear();
  exchange->coding = Coding::identity;
  if (exchange->interim > Http1Parser::kMaxInterim) exchange->broken = Fault::endless_interim;
  return exchange->broken == Fault::none;
}

bool Http2Session::add_header(std::string_view name, std::string_view value) {
  if (found_ == nullptr) return true;
  found_->head_bytes += name.size() + value.size() + 4;  // as a line of HTTP/1.1
  if (found_->head_bytes > Http1Parser::kMaxHeadBytes) found_->broken = Fault::head_too_large;
  if (found_->broken != Fault::none) return false;
  if (name == ":status") {
    // nghttp2 lets only three digits through, and 004 among them.
    for (const char digit : value) found_->status = found_->status * 10 + (digit - '0');
    return found_->status >= 100;
  } else if (!in_trailers_) {
    if (found_->wanted.body && name == "content-encoding")
      found_->coding = found_->coding == Coding::identity ? coding_of(value) : Coding::other;
    if (found_->wanted.head) found_->head.append(name).append(": ").append(value).append("\r\n");
  }
  return true;
}

void Http2Session::add_body(std::int32_t stream, std::string_view piece) {
  Exchange* exchange = find(stream);
  if (exchange == nullptr) return;
  exchange->body_bytes += piece.size();
  if (exchange->body_bytes > exchange->wanted.max_body) return give_up(*exchange, Fault::body_too_large);
  if (!exchange->wanted.body) return;
  const std::size_t room = Http1Parser::kMaxKeptBody - exchange->body.size();
  exchange->body_was_cut = exchange->body_was_cut || piece.size() > room;
  exchange->body.append(piece.substr(0, room));
}

// Once: what still comes of its answer changes nothing.
void Http2Session::give_up(Exchange& exchange, Fault fault) {
  if (exchange.broken != Fault::none) return;
  exchange.broken = fault;
  if (nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange.stream, NGHTTP2_CANCEL) ==
      NGHTTP2_ERR_NOMEM)
    throw std::bad_alloc();
}

void Http2Session::on_frame(const nghttp2_frame& frame) {
  Exchange* exchange = frame.hd.stream_id == 0 ? nullptr : find(frame.hd.stream_id);
  const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  if (exchange != nullptr) exchange->bytes_received += kFrameHead + frame.hd.length;
  switch (frame.hd.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      if (exchange != nullptr && ends) exchange->whole = true;
      if (frame.hd.type == NGHTTP2_DATA && frame.hd.length == 0 && !ends) ++idle_frames_;
      return;
    case NGHTTP2_WINDOW_UPDATE:
      return;
    case NGHTTP2_RST_STREAM:
      if (exchange == nullptr) break;
      exchange->reset_by_peer = true;
      return;
    case NGHTTP2_SETTINGS:
      if ((frame.hd.flags & NGHTTP2_FLAG_ACK) == 0) owner_.on_settings();
      break;
    case NGHTTP2_GOAWAY:
      going_away_ = true;
      owner_.on_going_away();
      break;
    default:
      break;
  }
  ++idle_frames_;
}

void Http2Session::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if (Exchange* exchange = find(frame.hd.stream_id)) exchange->bytes_sent += kFrameHead + frame.hd.length;
}

ssize_t Http2Session::read_body(std::int32_t stream, std::uint8_t* buffer, std::size_t size, std::uint32_t& flags) {
  Exchange* exchange = find(stream);
  if (exchange == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  std::string_view& rest = exchange->unsent_body;
  const std::size_t taken = rest.copy(reinterpret_cast<char*>(buffer), size);
  rest.remove_prefix(taken);
  if (rest.empty()) flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(taken);
}

void Http2Session::on_stream_end(std::int32_t stream, std::uint32_t error_code) {
  Exchange* exchange = find(stream);
  forget(stream);
  if (exchange == nullptr) return;
  exchange->stream = 0;
  Fault fault = Fault::protocol;
  if (exchange->whole) {
    fault = Fault::none;  // whatever became of the rest of the request
  } else if (exchange->reset_by_peer) {
    fault = error_code == NGHTTP2_REFUSED_STREAM ? Fault::stream_refused : Fault::stream_reset;
  } else if (error_code == NGHTTP2_REFUSED_STREAM) {
    // By our own side: the server is going away and has not taken it, or it could not be put into frames.
    fault = going_away_ ? Fault::going_away : Fault::send_failed;
  } else if (exchange->broken != Fault::none) {
    fault = exchange->broken;
  }
  owner_.on_exchange_end(*exchange, fault);
}

std::unique_ptr<SharedSession> http2_session(SessionOwner& owner) { return std::make_unique<Http2Session>(owner); }

}  // namespace loadlab
