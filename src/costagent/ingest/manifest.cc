#include "costagent/ingest/manifest.h"

#include <boost/json.hpp>
#include <filesystem>

#include "base/printable.h"
#include "io/packed_reader.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::ErrorKind;

// A manifest lists a report's columns, a few hundred, and its files, one for each million lines.
constexpr std::size_t kLongest = std::size_t{8} * 1024 * 1024;
constexpr std::size_t kLookedAt = std::size_t{64} * 1024;
constexpr std::size_t kMostFiles = 10'000;

// The whole text, or as much of it as there is up to `most` bytes.
base::Result<std::string> read_text(io::PackedReader& reader, std::string text, std::size_t most) {
  std::size_t size = text.size();
  text.resize(most);
  while (size < most) {
    const auto read = reader.read(text.data() + size, most - size);
    if (!read) return base::pass_on(read);
    if (*read == 0) break;
    size += *read;
  }
  text.resize(size);
  return text;
}

// Whether it may be worth reading: a bill of JSON lines has none of these at its beginning.
bool may_be_manifest(std::string_view beginning) {
  const auto first = beginning.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (first == std::string_view::npos || beginning[first] != '{') return false;
  for (const std::string_view key : {"\"assemblyId\"", "\"executionId\"", "\"exportConfig\"", "\"runInfo\""}) {
    if (beginning.find(key) != std::string_view::npos) return true;
  }
  return false;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

// `2024-09-01T00:00:00`, or `20240901T000000.000Z` as AWS writes it here.
std::optional<base::Day> day_of(std::string_view text) {
  const bool compact = text.size() >= 8 && text.substr(0, 8).find_first_not_of("0123456789") == std::string_view::npos;
  const auto day = base::parse_day(
      compact ? fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2)) : text.substr(0, 10));
  return day ? std::optional(*day) : std::nullopt;
}

std::optional<Period> period_of(std::string_view start, std::string_view end) {
  const auto from = day_of(start);
  const auto to = day_of(end);
  if (!from || !to || *to <= *from) return std::nullopt;
  return Period{*from, *to};
}

// The month in `…/BILLING_PERIOD=2024-09/…`, which is all that Data Exports say.
std::optional<Period> period_in(std::string_view key) {
  constexpr std::string_view kPartition = "BILLING_PERIOD=";
  const auto at = key.find(kPartition);
  if (at == std::string_view::npos) return std::nullopt;
  const auto start = base::parse_day(fmt::format("{}-01", key.substr(at + kPartition.size(), 7)));
  if (!start) return std::nullopt;
  const std::chrono::year_month_day date{*start};
  return Period{*start, std::chrono::sys_days((date.year() / date.month() + std::chrono::months(1)) / 1)};
}

// The keys in an array of texts, or of objects that have one in `member`.
std::vector<std::string> keys_at(const json::object& object, std::string_view name, std::string_view member) {
  std::vector<std::string> keys;
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return keys;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) keys.emplace_back(element.get_string());
    if (element.is_object() && !member.empty()) keys.push_back(text_at(element.get_object(), member));
  }
  return keys;
}

// What a manifest says, before its files are looked for.
struct Named {
  Manifest manifest;
  std::vector<std::string> keys;
};

Named aws_report(const json::object& manifest) {
  Named named;
  named.manifest.id = text_at(manifest, "assemblyId");
  named.manifest.report = text_at(manifest, "reportName");
  named.manifest.format = "AWS CUR";
  if (const json::object* period = object_at(manifest, "billingPeriod"))
    named.manifest.period = period_of(text_at(*period, "start"), text_at(*period, "end"));
  named.keys = keys_at(manifest, "reportKeys", "");
  return named;
}

Named aws_export(const json::object& manifest) {
  Named named;
  named.manifest.id = text_at(manifest, "executionId");
  named.manifest.report = text_at(manifest, "exportArn");
  named.manifest.format = "AWS Data Exports";
  named.keys = keys_at(manifest, "dataFiles", "");
  if (const json::object* period = object_at(manifest, "billingPeriod"))
    named.manifest.period = period_of(text_at(*period, "start"), text_at(*period, "end"));
  if (!named.manifest.period && !named.keys.empty()) named.manifest.period = period_in(named.keys.front());
  return named;
}

Named azure_export(const json::object& manifest) {
  Named named;
  named.manifest.format = "Azure export";
  if (const json::object* config = object_at(manifest, "exportConfig")) {
    named.manifest.report = text_at(*config, "exportName");
    if (const std::string type = text_at(*config, "type"); !type.empty()) named.manifest.format = "Azure " + type;
  }
  if (const json::object* run = object_at(manifest, "runInfo")) {
    named.manifest.id = text_at(*run, "runId");
    // Its end is the last day, which belongs to it.
    const auto last = day_of(text_at(*run, "endDate"));
    const auto start = day_of(text_at(*run, "startDate"));
    if (start && last && *last >= *start) named.manifest.period = Period{*start, *last + std::chrono::days(1)};
  }
  named.keys = keys_at(manifest, "blobs", "blobName");
  return named;
}

std::optional<Named> read_names(const json::object& manifest) {
  if (manifest.contains("assemblyId") && manifest.contains("reportKeys")) return aws_report(manifest);
  if (manifest.contains("executionId") && manifest.contains("dataFiles")) return aws_export(manifest);
  if (manifest.contains("blobs") && (manifest.contains("runInfo") || manifest.contains("exportConfig")))
    return azure_export(manifest);
  return std::nullopt;
}

// A key's parts, its scheme left out; none if one of them would lead out of where it is looked for.
std::vector<std::string> parts_of(std::string_view key) {
  if (const auto scheme = key.find("://"); scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
  std::vector<std::string> parts;
  while (!key.empty()) {
    const auto slash = std::min(key.find('/'), key.size());
    const std::string_view part = key.substr(0, slash);
    if (part == "." || part == ".." || part.find('\0') != std::string_view::npos) return {};
    if (!part.empty()) parts.emplace_back(part);
    key.remove_prefix(std::min(slash + 1, key.size()));
  }
  return parts;
}

// The file at the longest end of the key that is there in `folder`, or nothing. `first`: the end must begin with it.
std::string find_in(const fs::path& folder, const std::vector<std::string>& parts, std::string_view first) {
  for (std::size_t from = 0; from < parts.size(); ++from) {
    if (!first.empty() && parts[from] != first) continue;
    fs::path path = folder;
    for (std::size_t i = from; i < parts.size(); ++i) path /= parts[i];
    std::error_code error;
    if (fs::is_regular_file(path, error)) return path.string();
  }
  return {};
}

std::string find_file(const fs::path& manifest, const std::vector<std::string>& parts) {
  const fs::path folder = manifest.parent_path();
  if (std::string found = find_in(folder, parts, ""); !found.empty()) return found;
  // …/metadata/BILLING_PERIOD=2024-09/NAME-Manifest.json, and …/data/BILLING_PERIOD=2024-09/NAME-00001.csv.gz
  for (const fs::path& near : {folder, folder.parent_path()}) {
    if (near.filename() == "metadata") return find_in(near.parent_path(), parts, "data");
  }
  return {};
}

}  // namespace

base::Result<std::optional<Manifest>> read_manifest(const std::string& path) {
  auto reader = io::PackedReader::open(path);
  if (!reader) return base::pass_on(reader);
  auto text = read_text(*reader, {}, kLookedAt);
  if (!text) return base::pass_on(text);
  if (!may_be_manifest(*text)) return std::optional<Manifest>();
  text = read_text(*reader, std::move(*text), kLongest + 1);
  if (!text) return base::pass_on(text);
  if (text->size() > kLongest) return std::optional<Manifest>();
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  if (error || !value.is_object()) {
    // Lines of JSON are no one value.
    if (error == json::error::extra_data) return std::optional<Manifest>();
    return base::fail(ErrorKind::invalid, "{}: it looks like a manifest, but is no JSON: {}", path, error.message());
  }
  auto named = read_names(value.get_object());
  if (!named) return std::optional<Manifest>();
  if (named->keys.empty()) return base::fail(ErrorKind::invalid, "{}: the manifest names no files", path);
  if (named->keys.size() > kMostFiles)
    return base::fail(ErrorKind::invalid, "{}: the manifest names more than {} files", path, kMostFiles);
  for (const std::string& key : named->keys) {
    std::string found = find_file(path, parts_of(key));
    if (found.empty()) {
      return base::fail(ErrorKind::not_found, "{}: the manifest names {}, which is not beside it", path,
                        base::printable(key));
    }
    named->manifest.files.push_back(std::move(found));
  }
  return std::optional<Manifest>(std::move(named->manifest));
}

}  // namespace costagent
