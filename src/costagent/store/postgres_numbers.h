// The numbers that PostgreSQL has for texts and slices, for one who adds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "costagent/store/slice.h"
#include "io/postgresql.h"

namespace costagent {

// What is new is added at once, for all to see, in the order of its bytes or numbers: several who add the same at the
// same time wait for each other's statement, and never in a circle. Needs a session without a transaction. Belongs to
// one delivery, which ends with its session: what a server forgets that crashes soon after is not remembered here
// either. Not thread-safe. `until` is of the monotonic clock.
class PostgresNumbers {
 public:
  base::Result<> of_texts(io::Postgres& session, std::span<const std::string_view> texts, std::span<std::int64_t> ids,
                          base::Nanoseconds until);
  // No slice twice.
  static base::Result<> of_slices(io::Postgres& session, std::span<const SliceIds> slices, std::span<std::int64_t> ids,
                                  base::Nanoseconds until);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  void keep(std::string_view text, std::int64_t id);

  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> texts_;
  std::size_t bytes_ = 0;
};

}  // namespace costagent
