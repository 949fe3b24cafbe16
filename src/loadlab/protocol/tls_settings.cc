#include "loadlab/protocol/tls_settings.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

std::string last_reason() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return text != nullptr ? text : "no reason given";
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

base::Result<> trust(SSL_CTX* context, const TlsSettings& tls, const std::string& host) {
  if (tls.insecure) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    return {};
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* expected = SSL_CTX_get0_param(context);
  if (is_ip(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size());
  }
  if (tls.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else if (SSL_CTX_load_verify_file(context, tls.ca_file.c_str()) != 1) {
    return fail(ErrorKind::invalid, "the certificates to trust can't be read from {}: {}", tls.ca_file, last_reason());
  }
  return {};
}

base::Result<> identify(SSL_CTX* context, const TlsSettings& tls) {
  if (tls.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, tls.certificate.c_str()) != 1)
    return fail(ErrorKind::invalid, "the client certificate can't be read from {}: {}", tls.certificate, last_reason());
  // A key under a passphrase would make OpenSSL ask at the terminal.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  if (SSL_CTX_use_PrivateKey_file(context, tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(ErrorKind::invalid, "the client certificate's key can't be read from {}: {}", tls.key, last_reason());
  if (SSL_CTX_check_private_key(context) != 1)
    return fail(ErrorKind::invalid, "the key in {} is not that of the certificate in {}", tls.key, tls.certificate);
  return {};
}

int number_of(TlsVersion version) { return version == TlsVersion::tls13 ? TLS1_3_VERSION : TLS1_2_VERSION; }

}  // namespace

base::Result<std::shared_ptr<const TlsContext>> make_tls_context(const Test& test) {
  const TlsSettings& tls = test.network.tls;
  const std::string& host = tls.server_name.empty() ? test.target.host : tls.server_name;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  if (!context) return fail(ErrorKind::unavailable, "TLS can't be set up: {}", last_reason());
  SSL_CTX_set_min_proto_version(context.get(), number_of(tls.min_version));
  SSL_CTX_set_max_proto_version(context.get(), number_of(tls.max_version));
  if (!tls.ciphers.empty() && SSL_CTX_set_cipher_list(context.get(), tls.ciphers.c_str()) != 1)
    return fail(ErrorKind::invalid, "tls: the ciphers '{}' are none of OpenSSL's: {}", tls.ciphers, last_reason());
  if (const auto trusts = trust(context.get(), tls, host); !trusts) return base::pass_on(trusts);
  if (const auto identified = identify(context.get(), tls); !identified) return base::pass_on(identified);
  const bool http2 = test.http.version == HttpVersion::http2;
  const std::string_view offered = http2 ? "\x02h2" : "\x08http/1.1";
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                          static_cast<unsigned>(offered.size()));
  return std::make_shared<const TlsContext>(std::move(context), is_ip(host) ? std::string() : host, http2,
                                            tls.resumption);
}

}  // namespace loadlab
