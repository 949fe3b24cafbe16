// TLS on one connection after another: OpenSSL's client over a non-blocking socket.
//
// One system call sends a request and one reads an answer, as without TLS: what a read brings is decrypted from a
// buffer that all connections of a worker share. A peer's housekeeping (tickets, key updates) is bounded. Errors are
// errnos; TLS's own are below. Belongs to one thread; the context and the buffer must outlive it.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/net/socket.h"
#include "loadlab/net/tls_context.h"

namespace loadlab {

// What only TLS finds wrong. No call on a socket of ours has these.
inline constexpr int kTlsFailed = EPROTO;                     // it can't be set up, or what came is not TLS
inline constexpr int kTlsUntrusted = EKEYREJECTED;            // the peer's certificate is not trusted
inline constexpr int kTlsNoCommonProtocol = EPROTONOSUPPORT;  // of TLS, or of what is spoken within it
inline constexpr int kTlsTruncated = ENODATA;                 // the connection ended without TLS's own farewell
inline constexpr int kTlsFlood = EOVERFLOW;                   // more housekeeping than any peer has reason to

class Tls {
 public:
  // Bytes on the wire that one read takes.
  static constexpr std::size_t kWireBytes = 32 * 1024;
  // What `receive` needs room for: those, and a record that was held back unfinished.
  static constexpr std::size_t kLeastRoom = 52 * 1024;
  // Bytes from the peer in a row that bring nothing to read. A handshake takes some 5 KB, with long chains 100 KB.
  static constexpr std::size_t kMostIdleBytes = 256 * 1024;

  // `wire` is the worker's buffer, of kWireBytes.
  Tls(const TlsContext& context, std::vector<char>& wire) : context_(context), wire_(wire) {}
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  // Begins anew on a socket that is connected, and must outlive the connection. Returns 0 or errno.
  int begin(const Socket& socket);

  // Goes on with the handshake: 0 once it is done, EAGAIN while it is under way, else an errno.
  int handshake();

  // As send(2) and recv(2). After EAGAIN, `send` must be offered the same bytes again, or more. A farewell is 0.
  ssize_t send(std::string_view bytes);
  ssize_t receive(std::vector<char>& buffer);

  // The next bytes bring an event of their own.
  bool is_drained() const { return drained_ && !is_over(); }
  // The peer has said farewell, or TLS is broken: nothing more can be received.
  bool is_over() const { return end_ != kNotOver; }

  // Gives the connection's memory back, after a farewell if `politely`. Its session is kept for the next.
  void end(bool politely);

  // Why the handshake failed, for people.
  std::string reason() const;

 private:
  friend struct TlsWire;
  struct Delete {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  static constexpr int kNotOver = -1;
  enum class Wait : std::uint8_t { none, to_read, to_write };

  bool read(char* out, std::size_t size, std::size_t& got);
  bool fill();
  ssize_t take(char* out, std::size_t size);
  int failure();

  const TlsContext& context_;
  std::vector<char>& wire_;
  std::unique_ptr<SSL, Delete> ssl_;
  std::unique_ptr<SSL_SESSION, Delete> session_;
  std::string_view input_;      // what of `wire_` is not decrypted yet; empty between calls
  std::size_t idle_bytes_ = 0;  // since the last that brought something
  unsigned long reason_ = 0;    // OpenSSL's
  long verdict_ = X509_V_OK;    // on the peer's certificate
  const Socket* socket_ = nullptr;
  int wire_error_ = 0;      // of the last call on the socket; kTlsTruncated at its end
  int end_ = kNotOver;      // 0 after a farewell, else an errno
  Wait wait_ = Wait::none;  // what the last call on the socket came to
  bool in_handshake_ = false;
  bool may_read_ = false;  // the socket, in this call
  bool drained_ = false;
};

}  // namespace loadlab
