#include "costagent/store/open_store.h"

#include <filesystem>

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
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size()) {
    const std::string path = url.substr(kSqlite.size());
    std::error_code error;
    // What can't be looked at is told by opening it.
    if (options.must_exist && !std::filesystem::exists(path, error) && !error)
      return base::Failure(base::Error{base::ErrorKind::not_found, path + ": there is no such database", "database"});
    return open_sqlite_store(path, clock);
  }
  // Both are libpq's names of it.
  if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
    return open_postgres_store(url, clock, options);
  return base::fail_field("database",
                          "'{}' names no database: expected sqlite:PATH, as in sqlite:costs.db, or "
                          "postgresql://USER@HOST/DATABASE",
                          base::without_password(url));
}

}  // namespace costagent
