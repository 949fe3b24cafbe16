#include "costagent/domain/customer.h"

#include <algorithm>

namespace costagent {
namespace {

constexpr std::size_t kLongest = 128;

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

base::Result<> check_customer(std::string_view id) {
  if (!id.empty() && id.size() <= kLongest && std::all_of(id.begin(), id.end(), allowed)) return {};
  return base::fail_field("customer_id", "a customer's id has 1 to {} letters, digits, '.', '_' or '-'", kLongest);
}

}  // namespace costagent
