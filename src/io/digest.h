// SHA-256 of what is fed to it: a file's identity.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace io {

// Not thread-safe. Like `new` it throws std::bad_alloc where there is no memory for it.
class Sha256 {
 public:
  Sha256();

  void update(std::string_view bytes);

  // 64 hexadecimal digits. Called once, at the end.
  std::string hex();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace io
