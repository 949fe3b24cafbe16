// Files that clients send, kept in a folder from their first byte until the jobs that take them in have ended.
//
// Each lies in a folder of its own, which is named after its job, within one that is named after the database of the
// jobs: `FOLDER/6c0f…/0803c33a13df6a29/2025-12.csv`. So agents of several databases may have the same folder, and none
// takes another's files for such as no job wants. While a file is being written its process has a lock on it (flock),
// which ends with the process: so that what a killed one left can be told from what is on its way. Jobs may be run by
// any process; on several machines the folder must be shared.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace costagent {

struct SpoolOptions {
  std::string folder;    // made with the first file; the one that it lies in must exist
  std::string database;  // its identity (Store::identity): of whose jobs the files are
  // Bytes of the disk that files must leave free, as a database may lie on it.
  std::uint64_t spare = std::uint64_t{256} << 20;
};

class Spool;

// A file on its way. Goes with this object unless it was kept. Used by one thread at a time.
class SpooledFile {
 public:
  ~SpooledFile();
  SpooledFile(const SpooledFile&) = delete;
  SpooledFile& operator=(const SpooledFile&) = delete;

  // Makes the file with the first part. Fails with `unavailable` when there is no room, and `io`.
  base::Result<> write(std::string_view part);

  // Waits until the disk has all of it.
  base::Result<> sync();

  // From now on it stays until Spool::remove.
  void keep() { kept_ = true; }

  const std::string& id() const { return id_; }
  std::uint64_t size() const { return size_; }

 private:
  friend class Spool;
  SpooledFile(const Spool& spool, std::string id, std::string name, std::uint64_t expected)
      : spool_(spool), id_(std::move(id)), name_(std::move(name)), expected_(expected) {}
  base::Result<> make();

  const Spool& spool_;
  const std::string id_;
  const std::string name_;
  const std::uint64_t expected_;  // bytes, 0: not known
  base::UniqueFd file_;
  std::uint64_t size_ = 0;
  bool kept_ = false;
};

// Thread-safe.
class Spool {
 public:
  explicit Spool(SpoolOptions options)
      : options_(std::move(options)), own_(options_.folder + "/" + options_.database) {}

  // 1 to 128 letters, digits, `.`, `_` or `-`, the first one no `.`. Fails with `invalid` (name).
  static base::Result<> check_name(std::string_view name);

  // Nothing is made on the disk yet. `id`: 16 hexadecimal digits that no other file has. `expected`: bytes that will
  // come, 0 if that isn't known.
  std::unique_ptr<SpooledFile> begin(std::string id, std::string name, std::uint64_t expected) const;

  // The path of a file. Fails with `not_found` where it isn't here, or isn't of that size.
  base::Result<std::string> find(const std::string& id, const std::string& name, std::uint64_t size) const;

  void remove(const std::string& id) const;

  // Removes what nobody is writing and `is_wanted` doesn't want; ends with the first failure of that. Leaves alone what
  // has another form than its own files.
  base::Result<> sweep(const std::function<base::Result<bool>(const std::string& id)>& is_wanted) const;

 private:
  friend class SpooledFile;
  base::Result<> make_folder() const;
  base::Result<> check_room(std::uint64_t wanted) const;
  std::string folder_of(const std::string& id) const { return own_ + "/" + id; }

  const SpoolOptions options_;
  const std::string own_;  // the database's part of the folder
};

}  // namespace costagent
