#include "support/certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace testing_support {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Pointer = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kDay = 24 * 60 * 60;

KeyPointer new_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

X509Pointer new_certificate(EVP_PKEY* key, const std::string& name, int serial, bool expired) {
  X509Pointer certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), expired ? -kDay : kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void extend(X509* certificate, int what, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

template <class Write>
void write_file(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr || write(file) != 1) throw std::runtime_error(path + " can't be written");
  std::fclose(file);
}

}  // namespace

struct Authority::Key {
  KeyPointer key = new_key();
  X509Pointer certificate = new_certificate(key.get(), "loadlab's tests", 1, false);
};

Authority::Authority() : key_(std::make_unique<Key>()) {
  std::string pattern = (std::filesystem::temp_directory_path() / "authority-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  X509* own = key_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  extend(own, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own, key_->key.get(), EVP_sha256());
  write_file(certificate(), [own](std::FILE* file) { return PEM_write_X509(file, own); });
}

Authority::~Authority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Identity Authority::issue(const std::string& name, Flaw flaw) {
  const std::string base = folder_ + "/" + std::to_string(++issued_);
  const Identity identity{base + ".pem", base + ".key"};
  const KeyPointer key = new_key();
  const X509Pointer certificate = new_certificate(key.get(), name, issued_ + 1, flaw == Flaw::expired);
  const bool by_itself = flaw == Flaw::self_signed;
  const bool is_ip = name.find_first_not_of("0123456789abcdef.:") == std::string::npos;
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(by_itself ? certificate.get() : key_->certificate.get()));
  extend(certificate.get(), NID_subject_alt_name, (is_ip ? "IP:" : "DNS:") + name);
  X509_sign(certificate.get(), by_itself ? key.get() : key_->key.get(), EVP_sha256());
  write_file(identity.certificate, [&](std::FILE* file) { return PEM_write_X509(file, certificate.get()); });
  write_file(identity.key, [&](std::FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return identity;
}

}  // namespace testing_support
