#include "costagent/cli/collect_options.h"

#include <unistd.h>

#include <filesystem>

namespace costagent {

void CollectOptions::add_to(CLI::App& command) {
  command.add_option("--collect-root", root, "the folder whose files POST /collect/focus may take in")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command
      .add_option(
          "--spool", spool,
          "where bills that are sent wait for their jobs, each database's in a folder of its own; agents on several "
          "machines that share a database must share it "
          "(default: beside SQLite's file, or in the temporary folder)")
      ->type_name("DIR");
  command
      .add_option("--watch", watch,
                  "a folder whose bills are taken in by themselves: each folder directly in it is a customer's id, and "
                  "what lies in that, at any depth, are that customer's bills")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command
      .add_option("--watch-interval", watch_interval,
                  "seconds between two looks at it; a file that is the same in two is taken in")
      ->type_name("SECONDS")
      ->check(CLI::Range(1U, 86'400U))
      ->capture_default_str();
  command.add_option("--max-upload", max_upload, "bytes of a bill that is sent; a longer one gets 413")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
      ->capture_default_str();
}

std::string CollectOptions::spool_folder(const std::string& database) const {
  if (!spool.empty()) return spool;
  constexpr std::string_view kSqlite = "sqlite:";
  if (database.starts_with(kSqlite)) return database.substr(kSqlite.size()) + "-uploads";
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  return (error ? std::filesystem::path("/tmp") : temporary) / ("costagent-uploads-" + std::to_string(::geteuid()));
}

}  // namespace costagent
