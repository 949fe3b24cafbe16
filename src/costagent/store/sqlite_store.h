// Facts and state in one SQLite file.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "costagent/store/open_store.h"

namespace costagent {

base::Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, const base::Clock& clock);

}  // namespace costagent
