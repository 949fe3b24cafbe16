// The file behind a history: what it must be before anything is read of it.
#pragma once

#include <string>

#include "io/sqlite.h"

namespace loadlab::history {

// Opens it to be written, and makes what is missing. As History::open.
base::Result<io::Sqlite> open_to_write(const std::string& path);

struct ReadFile {
  io::Sqlite file;
  // Nobody writes it at the moment, and this user can't lock it: it has to be opened anew for each look, as somebody
  // may have begun.
  bool unlocked = false;
};
// Opens it to be read, and changes nothing. As History::open_existing.
base::Result<ReadFile> open_to_read(const std::string& path);

}  // namespace loadlab::history
