#include "costagent/store/open_store.h"

#include "base/without_password.h"
#include "costagent/store/postgres_store.h"
#include "costagent/store/sqlite_store.h"

namespace costagent {

base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options) {
  static const base::SystemClock clock;
  return open_store(url, clock, options);
}

base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const base::Clock& clock,
                                                const StoreOptions& options) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
    return open_sqlite_store(url.substr(kSqlite.size()), clock);
  // Both are libpq's names of it.
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return open_postgres_store(url, clock, options);
  return base::fail_field("database",
                          "'{}' names no database: expected sqlite:PATH, as in sqlite:costs.db, or "
                          "postgresql://USER@HOST/DATABASE",
                          base::without_password(url));
}

}  // namespace costagent
