#include "loadlab/plan/transfer_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "base/result.h"
#include "loadlab/plan/fields.h"
#include "loadlab/plan/http_text.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;

// Browsers give up at 20; who needs more has a loop.
constexpr std::int64_t kMostRedirects = 50;
// What all bodies of a plan may take together: a larger upload is a test of the network.
constexpr std::size_t kMostBodyBytes = 32'000'000;
// Below, framing outweighs what is framed; above, a chunk is larger than any body.
constexpr double kSmallestChunk = 1;
constexpr double kLargestChunk = static_cast<double>(kMostBodyBytes);
constexpr std::size_t kUsualChunk = 16 * 1024;
// More than this no test receives in its lifetime.
constexpr double kLargestBody = 1e12;

// What the codings are called in HTTP; loadlab can undo both where a check or a capture looks at the body.
constexpr std::string_view kAcceptedCodings = "gzip, br";

bool has_header(const Step& step, std::string_view name) {
  return std::any_of(step.headers.begin(), step.headers.end(),
                     [name](const auto& header) { return same_header_name(header.first, name); });
}

base::Result<std::string> read_whole_file(const std::string& folder, const std::string& name) {
  const std::string path = name.starts_with('/') || folder.empty() ? name : folder + "/" + name;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "{}: {}", path, std::strerror(errno));
  if (!S_ISREG(status.st_mode) || static_cast<std::size_t>(status.st_size) > kMostBodyBytes)
    return fail(ErrorKind::invalid, "{}: is not a file of at most {} MB", path, kMostBodyBytes / 1'000'000);
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::io, "{}: can't be opened: {}", path, std::strerror(errno));
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  file.read(text.data(), status.st_size);
  if (file.gcount() != status.st_size) return fail(ErrorKind::io, "{}: can't be read to its end", path);
  return text;
}

// What a size may be, and how a complaint says so.
struct ByteBounds {
  double low;
  double high;
  std::string_view text;
};

std::optional<double> read_bytes(const YamlEntry& entry, const ByteBounds& bounds, Complaints& complaints) {
  const auto text = read_text(entry, fmt::format("{}: 64KB", entry.key), complaints);
  if (!text) return std::nullopt;
  const auto quantity = split_quantity(*text);
  const auto factor = quantity ? bytes_per(quantity->unit) : std::nullopt;
  const double bytes = factor ? quantity->number * *factor : 0;
  if (bytes >= bounds.low && bytes <= bounds.high) return bytes;
  complaints.add(place_of(entry), "{}: expected a size from {}, not '{}'", entry.key, bounds.text, shown(*text));
  return std::nullopt;
}

class TransferReader {
 public:
  TransferReader(const YamlNode& node, const Transfer& of_test, Step& step, Complaints& complaints)
      : node_(node), of_test_(of_test), step_(step), complaints_(complaints) {}

  void read(TextBudget& budget) {
    step_.redirects = of_test_.redirects;
    if (const YamlEntry* entry = find("redirects"))
      step_.redirects = read_redirects(*entry, complaints_).value_or(step_.redirects);
    step_.max_body = of_test_.max_body;
    if (const YamlEntry* entry = find("max_body"))
      step_.max_body = read_max_body(*entry, complaints_).value_or(step_.max_body);
    read_compression();
    if (const YamlEntry* file = find("body_file")) read_body_file(*file, budget);
    read_chunks();
    read_expect();
  }

 private:
  const YamlEntry* find(std::string_view key) const {
    return node_.kind == YamlNode::Kind::map ? node_.find(key) : nullptr;
  }

  void read_compression() {
    bool wanted = of_test_.compression;
    if (const YamlEntry* entry = find("compression")) wanted = read_boolean(*entry, complaints_).value_or(wanted);
    if (!wanted || has_header(step_, "Accept-Encoding")) return;
    Template codings;
    append_literal(codings, kAcceptedCodings);
    step_.headers.emplace_back("Accept-Encoding", std::move(codings));
  }

  void read_body_file(const YamlEntry& entry, TextBudget& budget) {
    if (step_.has_body) {
      complaints_.add(entry.key_at, "a step has 'json', 'body' or 'body_file'; leave one and take the others away");
      return;
    }
    const auto name = read_text(entry, "body_file: order.json", complaints_);
    if (!name) return;
    auto text = read_whole_file(of_test_.folder, *name);
    if (!text) return complaints_.add(place_of(entry), "body_file: {}", text.error().message);
    if (!budget.take(text->size())) return;
    append_literal(step_.body, *text);
    step_.has_body = true;
  }

  void read_chunks() {
    const YamlEntry* chunked = find("chunked");
    const YamlEntry* size = find("chunk_size");
    if (!is_of_http1(chunked, "DATA frames carry bodies there") || !is_of_http1(size, "DATA frames carry bodies there"))
      return;
    if (chunked && read_boolean(*chunked, complaints_).value_or(false)) step_.chunk_size = kUsualChunk;
    if (size) read_chunk_size(*size);
    if (step_.chunk_size > 0 && !step_.has_body)
      complaints_.add((size ? size : chunked)->key_at, "there is no body to be cut into chunks; give one, as 'body'");
  }

  void read_chunk_size(const YamlEntry& entry) {
    if (const auto bytes = read_bytes(entry, {kSmallestChunk, kLargestChunk, "1B to 32MB, as in 64KB"}, complaints_))
      step_.chunk_size = static_cast<std::size_t>(*bytes);
  }

  void read_expect() {
    const YamlEntry* entry = find("expect_continue");
    if (!entry || !is_of_http1(entry, "a stream's window says there what the server takes")) return;
    step_.expect_continue = read_boolean(*entry, complaints_).value_or(false);
    if (step_.expect_continue && of_test_.http.pipeline > 1)
      complaints_.add(entry->key_at, "a body that waits would hold up its whole pipeline; take one of them away");
    if (step_.expect_continue && !step_.has_body)
      complaints_.add(entry->key_at, "there is no body that could wait; give one, as 'body'");
  }

  bool is_of_http1(const YamlEntry* entry, std::string_view instead) {
    if (!entry || of_test_.http.version == HttpVersion::http1) return true;
    complaints_.add(entry->key_at, "'{}' belongs to HTTP/1.1, and this test speaks HTTP/2: {}; take it away",
                    entry->key, instead);
    return false;
  }

  const YamlNode& node_;
  const Transfer& of_test_;
  Step& step_;
  Complaints& complaints_;
};

}  // namespace

const std::vector<std::string_view>& transfer_keys() {
  static const std::vector<std::string_view> kKeys = {"redirects", "compression", "max_body",       "body_file",
                                                      "chunked",   "chunk_size",  "expect_continue"};
  return kKeys;
}

std::optional<int> read_redirects(const YamlEntry& entry, Complaints& complaints) {
  const auto number = read_whole(entry, {0, kMostRedirects, "who needs more has a loop"}, complaints);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

std::optional<std::uint64_t> read_max_body(const YamlEntry& entry, Complaints& complaints) {
  const auto bytes = read_bytes(entry, {1, kLargestBody, "1B to 1000GB, as in 4GB"}, complaints);
  return bytes ? std::optional(static_cast<std::uint64_t>(*bytes)) : std::nullopt;
}

void read_transfer(const YamlNode& node, const Transfer& of_test, TextBudget& budget, Step& step,
                   Complaints& complaints) {
  TransferReader(node, of_test, step, complaints).read(budget);
}

}  // namespace loadlab
