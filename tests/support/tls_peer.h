// The server's end of TLS on a blocking socket, for the scripts of a ScriptedServer: OpenSSL's own, and what no proper
// server would do with it.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "support/certificates.h"

namespace testing_support {

// What several connections of a server have in common. Thread-safe.
class TlsServer {
 public:
  struct Options {
    std::string protocol{};   // the only one it speaks (ALPN), as in "h2"; empty: whatever the client likes
    std::string client_ca{};  // who must vouch for clients; empty: they need no certificate
    int max_version = TLS1_3_VERSION;
  };

  explicit TlsServer(const Identity& identity) : TlsServer(identity, Options()) {}
  TlsServer(const Identity& identity, const Options& options);

  SSL_CTX* settings() const { return settings_.get(); }

 private:
  std::string protocol_;  // as ALPN writes it: with its length in front
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> settings_;
};

class TlsPeer {
 public:
  // Shakes hands.
  TlsPeer(int fd, const TlsServer& server);

  bool is_open() const { return open_; }
  bool was_resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  std::string server_name() const;  // asked for by the client
  std::string version() const { return SSL_get_version(ssl_.get()); }

  // Reads until the text holds `end`, or the client says farewell or goes.
  std::string read_until(std::string_view end);
  bool write(std::string_view text);

  // Asks the client to change keys, this many times. False once it has gone.
  bool update_keys(int times);

  void farewell() { SSL_shutdown(ssl_.get()); }

 private:
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  bool open_;
};

}  // namespace testing_support
