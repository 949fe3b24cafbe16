#include "support/tls_peer.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>

namespace testing_support {

TlsServer::TlsServer(const Identity& identity, const Options& options)
    : protocol_(options.protocol.empty() ? "" : static_cast<char>(options.protocol.size()) + options.protocol),
      settings_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  // OpenSSL writes to sockets without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX* settings = settings_.get();
  if (SSL_CTX_use_certificate_chain_file(settings, identity.certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(settings, identity.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("the test's certificate can't be read");
  SSL_CTX_set_max_proto_version(settings, options.max_version);
  const unsigned char context[] = "tests";
  SSL_CTX_set_session_id_context(settings, context, sizeof context);
  if (!options.client_ca.empty()) {
    SSL_CTX_load_verify_file(settings, options.client_ca.c_str());
    SSL_CTX_set_verify(settings, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (protocol_.empty()) return;
  const auto choose = [](SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                         unsigned offered_size, void* own) {
    const auto& protocol = *static_cast<const std::string*>(own);
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(protocol.data()),
                                             static_cast<unsigned>(protocol.size()), offered, offered_size);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
  };
  SSL_CTX_set_alpn_select_cb(settings, choose, &protocol_);
}

TlsPeer::TlsPeer(int fd, const TlsServer& server) : ssl_(SSL_new(server.settings()), &SSL_free) {
  SSL_set_fd(ssl_.get(), fd);
  open_ = SSL_accept(ssl_.get()) == 1;
}

std::string TlsPeer::server_name() const {
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

std::string TlsPeer::read_until(std::string_view end) {
  std::string text;
  char buffer[4096];
  while (text.find(end) == std::string::npos) {
    const int size = SSL_read(ssl_.get(), buffer, sizeof buffer);
    if (size <= 0) break;
    text.append(buffer, static_cast<std::size_t>(size));
  }
  return text;
}

bool TlsPeer::write(std::string_view text) {
  return text.empty() || SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size())) > 0;
}

bool TlsPeer::update_keys(int times) {
  for (int i = 0; i < times; ++i) {
    if (SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 || SSL_do_handshake(ssl_.get()) != 1)
      return false;
  }
  return true;
}

}  // namespace testing_support
