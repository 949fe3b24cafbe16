#include "costagent/store/open_store.h"

#include "costagent/store/sqlite_store.h"

namespace costagent {

base::Result<std::unique_ptr<Store>> open_store(const std::string& url) {
  static const base::SystemClock clock;
  return open_store(url, clock);
}

base::Result<std::unique_ptr<Store>> open_store(const std::string& url, const base::Clock& clock) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (url.starts_with(kSqlite) && url.size() > kSqlite.size())
    return open_sqlite_store(url.substr(kSqlite.size()), clock);
  return base::fail_field("database", "'{}' names no database: expected sqlite:PATH, as in sqlite:costs.db", url);
}

}  // namespace costagent
