#include "loadlab/plan/http_reader.h"

#include "loadlab/plan/fields.h"

namespace loadlab {
namespace {

// RFC 9113, section 6.5.2, bids servers to allow at least 100; few allow as many as this.
constexpr std::int64_t kMostStreams = 10'000;

void read_version(const YamlEntry& entry, Http& http, Complaints& complaints) {
  const auto text = read_text(entry, "1.1 or 2", complaints);
  if (!text) return;
  if (*text != "1.1" && *text != "2") {
    complaints.add(place_of(entry), "{}: expected 1.1 or 2, not '{}'", entry.key, shown(*text));
    return;
  }
  http.version = *text == "2" ? HttpVersion::http2 : HttpVersion::http1;
}

}  // namespace

Http read_http(const YamlEntry& entry, Complaints& complaints) {
  Http http;
  if (entry.value->kind == YamlNode::Kind::scalar) {
    read_version(entry, http, complaints);
    return http;
  }
  const YamlNode* map = read_map(entry, "a version, 1.1 or 2, or a map, as in {version: 2, streams: 10}", complaints);
  if (map == nullptr) return http;
  refuse_unknown_keys(*map, "http", {"version", "streams"}, complaints);
  if (const YamlEntry* version = map->find("version")) read_version(*version, http, complaints);
  const YamlEntry* streams = map->find("streams");
  if (streams == nullptr) return http;
  if (http.version != HttpVersion::http2) {
    complaints.add(streams->key_at, "'streams' belongs to HTTP/2; write version: 2 beside it, or take it away");
    return http;
  }
  const auto number = read_whole(*streams, {1, kMostStreams, "no server allows as many"}, complaints);
  if (number) http.streams = static_cast<int>(*number);
  return http;
}

}  // namespace loadlab
