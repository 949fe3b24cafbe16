// Certificates and keys for tests, made as they run and gone with them.
#pragma once

#include <memory>
#include <string>

namespace testing_support {

// Files, as PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

// An authority in a temporary folder, and those it vouches for.
class Authority {
 public:
  enum class Flaw { none, expired, self_signed };

  // Throws std::runtime_error when a file can't be written.
  Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  ~Authority();

  std::string certificate() const { return folder_ + "/ca.pem"; }

  // `name`: a host name or an IP address.
  Identity issue(const std::string& name, Flaw flaw = Flaw::none);

 private:
  struct Key;

  std::string folder_;
  std::unique_ptr<Key> key_;
  int issued_ = 0;
};

}  // namespace testing_support
