#include "loadlab/net/tls.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/result.h"

namespace loadlab {

// Where OpenSSL's reads and writes come out.
struct TlsWire {
  static Tls& owner(BIO* bio) { return *static_cast<Tls*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
    BIO_clear_retry_flags(bio);
    Tls& tls = owner(bio);
    tls.wait_ = Tls::Wait::none;
    const ssize_t sent = tls.socket_->send({bytes, size});
    if (sent >= 0) {
      *written = static_cast<std::size_t>(sent);
      return 1;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
      tls.wait_ = Tls::Wait::to_write;
      BIO_set_retry_write(bio);
    } else {
      tls.wire_error_ = errno;
    }
    return 0;
  }

  static int read(BIO* bio, char* out, std::size_t size, std::size_t* got) {
    BIO_clear_retry_flags(bio);
    Tls& tls = owner(bio);
    tls.wait_ = Tls::Wait::none;
    if (tls.read(out, size, *got)) return 1;
    if (tls.wire_error_ == 0) {
      tls.wait_ = Tls::Wait::to_read;
      BIO_set_retry_read(bio);
    }
    return 0;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int keep_session(SSL* ssl, SSL_SESSION* session) {
    static_cast<Tls*>(SSL_get_ex_data(ssl, 0))->session_.reset(session);
    return 1;
  }
};

TlsContext::TlsContext(std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings, std::string server_name,
                       bool agrees_on_http2, bool resumption)
    : settings_(std::move(settings)),
      wire_(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket"), &BIO_meth_free),
      server_name_(std::move(server_name)),
      agrees_on_http2_(agrees_on_http2) {
  BIO_meth_set_write_ex(wire_.get(), &TlsWire::write);
  BIO_meth_set_read_ex(wire_.get(), &TlsWire::read);
  BIO_meth_set_ctrl(wire_.get(), &TlsWire::control);
  // Users who idle must not hold 32 KB of buffers each.
  SSL_CTX_set_mode(settings_.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(settings_.get(), SSL_OP_NO_RENEGOTIATION);
  if (!resumption) {
    SSL_CTX_set_session_cache_mode(settings_.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(settings_.get(), SSL_OP_NO_TICKET);
    return;
  }
  SSL_CTX_set_session_cache_mode(settings_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(settings_.get(), &TlsWire::keep_session);
}

int Tls::begin(const Socket& socket) {
  socket_ = &socket;
  idle_bytes_ = 0;
  end_ = kNotOver;
  in_handshake_ = true;
  drained_ = false;
  ssl_.reset(SSL_new(context_.settings()));
  BIO* bio = ssl_ ? BIO_new(context_.wire()) : nullptr;
  if (bio == nullptr) return ENOMEM;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_ex_data(ssl_.get(), 0, this);
  SSL_set_connect_state(ssl_.get());
  const std::string& name = context_.server_name();
  // What OpenSSL's macro of that name does, with casts that C++ has.
  if (!name.empty())
    SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
  if (session_) SSL_set_session(ssl_.get(), session_.get());
  return 0;
}

int Tls::handshake() {
  wire_error_ = 0;
  wait_ = Wait::none;
  if (SSL_do_handshake(ssl_.get()) != 1) {
    const int error = failure();
    if (error != EAGAIN) session_.reset();
    return error;
  }
  in_handshake_ = false;
  if (!context_.agrees_on_http2()) return 0;
  const unsigned char* chosen = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &length);
  const std::string_view name(reinterpret_cast<const char*>(chosen), length);
  if (name != "h2") end_ = kTlsNoCommonProtocol;
  return name == "h2" ? 0 : end_;
}

// What the call that OpenSSL has just failed in came to. The thread's queue of errors is empty afterwards.
int Tls::failure() {
  if (wait_ == Wait::to_read) return EAGAIN;
  // Later on only a peer that doesn't read what it asks for makes a read wait for room to write.
  if (wait_ == Wait::to_write && in_handshake_) return EAGAIN;
  reason_ = ERR_peek_last_error();
  ERR_clear_error();
  verdict_ = SSL_get_verify_result(ssl_.get());
  switch (ERR_GET_REASON(reason_)) {
    case 0:
      break;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return end_ = kTlsUntrusted;
    case SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return end_ = kTlsNoCommonProtocol;
    default:
      return end_ = kTlsFailed;
  }
  if (wire_error_ == kTlsFlood || (wire_error_ != 0 && !in_handshake_)) return end_ = wire_error_;
  const bool farewell = !in_handshake_ && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  return end_ = farewell ? 0 : kTlsFailed;
}

ssize_t Tls::send(std::string_view bytes) {
  wire_error_ = 0;
  wait_ = Wait::none;
  // A write takes one record: what is larger goes on until the socket is full, so that readiness tells of the rest.
  std::size_t total = 0;
  std::size_t written = 0;
  while (SSL_write_ex(ssl_.get(), bytes.data() + total, bytes.size() - total, &written) == 1) {
    total += written;
    if (total == bytes.size()) return static_cast<ssize_t>(total);
  }
  const bool waits = wait_ == Wait::to_write;
  ERR_clear_error();
  if (waits && total > 0) return static_cast<ssize_t>(total);
  errno = waits ? EAGAIN : wire_error_ != 0 ? wire_error_ : kTlsFailed;
  return -1;
}

ssize_t Tls::receive(std::vector<char>& buffer) {
  assert(buffer.size() >= kLeastRoom && input_.empty());
  wire_error_ = 0;
  wait_ = Wait::none;
  may_read_ = true;
  std::size_t total = 0;
  while (!is_over()) {
    std::size_t got = 0;
    if (SSL_read_ex(ssl_.get(), buffer.data() + total, buffer.size() - total, &got) == 1) {
      total += got;
      idle_bytes_ = 0;
      may_read_ = false;
      if (input_.empty()) return static_cast<ssize_t>(total);
    } else if (failure() == EAGAIN) {
      errno = EAGAIN;
      return total > 0 ? static_cast<ssize_t>(total) : -1;
    }
  }
  input_ = {};
  // What came before the end is told before it.
  if (total > 0) return static_cast<ssize_t>(total);
  errno = end_;
  return end_ == 0 ? 0 : -1;
}

// For OpenSSL: as much as there is of `size` bytes. False: nothing now, or never again if there is a `wire_error_`.
bool Tls::read(char* out, std::size_t size, std::size_t& got) {
  if (in_handshake_) {
    // No more than is asked for: what the peer sends behind its handshake is for `receive`.
    const ssize_t taken = take(out, size);
    got = static_cast<std::size_t>(std::max<ssize_t>(taken, 0));
    return taken > 0;
  }
  if (input_.empty() && (!may_read_ || !fill())) return false;
  got = std::min(size, input_.size());
  std::memcpy(out, input_.data(), got);
  input_.remove_prefix(got);
  return true;
}

bool Tls::fill() {
  const ssize_t taken = take(wire_.data(), wire_.size());
  drained_ = taken < static_cast<ssize_t>(wire_.size());
  if (taken <= 0) return false;
  input_ = {wire_.data(), static_cast<std::size_t>(taken)};
  return true;
}

ssize_t Tls::take(char* out, std::size_t size) {
  if (idle_bytes_ > kMostIdleBytes) {
    wire_error_ = kTlsFlood;
    return -1;
  }
  const ssize_t taken = socket_->receive(out, size);
  if (taken > 0) idle_bytes_ += static_cast<std::size_t>(taken);
  if (taken == 0) wire_error_ = kTlsTruncated;
  if (taken < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) wire_error_ = errno;
  return taken;
}

void Tls::end(bool politely) {
  if (politely && ssl_ && !in_handshake_ && !is_over()) SSL_shutdown(ssl_.get());
  ERR_clear_error();
  ssl_.reset();
}

std::string Tls::reason() const {
  if (end_ == kTlsUntrusted) return X509_verify_cert_error_string(verdict_);
  if (end_ == kTlsNoCommonProtocol && reason_ == 0) return "the server did not agree to HTTP/2 (ALPN)";
  if (ERR_GET_REASON(reason_) == SSL_R_WRONG_VERSION_NUMBER) return "what answers does not speak TLS";
  if (const char* text = ERR_reason_error_string(reason_)) return text;
  switch (wire_error_) {
    case 0:
      return "the handshake did not end in time";
    case kTlsTruncated:
      return "the server closed the connection within the handshake";
    case kTlsFlood:
      return "the server sends more than a handshake has reason to";
    default:
      return std::strerror(wire_error_);
  }
}

}  // namespace loadlab
