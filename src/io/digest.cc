#include "io/digest.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cassert>

namespace io {

// OpenSSL's digests fail only when it is out of memory or the algorithm is missing from its build.
Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  [[maybe_unused]] const int good = EVP_DigestInit_ex(context_, EVP_sha256(), nullptr);
  assert(good == 1);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_); }

void Sha256::update(std::string_view bytes) {
  [[maybe_unused]] const int good = EVP_DigestUpdate(context_, bytes.data(), bytes.size());
  assert(good == 1);
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  [[maybe_unused]] const int good = EVP_DigestFinal_ex(context_, digest.data(), &length);
  assert(good == 1);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 digest;
  digest.update(bytes);
  return digest.hex();
}

}  // namespace io
