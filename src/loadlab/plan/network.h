// How a test's connections are made: from where, to which addresses, and under what protection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace loadlab {

enum class TlsVersion { tls12, tls13 };

// Of a target with https.
struct TlsSettings {
  std::string ca_file;      // PEM: who is trusted instead of the system's store; empty: that store
  std::string certificate;  // PEM: the client's own, with its chain; empty: none
  std::string key;          // PEM: of the certificate
  std::string server_name;  // asked for and expected in the certificate; empty: the target's host
  std::string ciphers;      // of TLS 1.2, in OpenSSL's words; empty: OpenSSL's choice
  bool insecure = false;    // whatever certificate is shown will do
  bool resumption = true;   // a user's next connection takes up the session of its last
  TlsVersion min_version = TlsVersion::tls12;
  TlsVersion max_version = TlsVersion::tls13;
};

struct Network {
  TlsSettings tls;
  std::vector<std::string> source_addresses;        // literals, of one family; empty: the kernel chooses
  bool first_address_only = false;                  // of several that the target's name has
  std::optional<base::Nanoseconds> keep_alive_for;  // a connection idle for longer is not used again
};

}  // namespace loadlab
