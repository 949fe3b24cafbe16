#include "loadlab/plan/http_reader.h"

#include "loadlab/plan/fields.h"

namespace loadlab {
namespace {

// RFC 9113, section 6.5.2, bids servers to allow at least 100; few allow as many as this.
constexpr std::int64_t kMostStreams = 10'000;

// Servers that read ahead at all read some hundred requests.
constexpr std::int64_t kDeepestPipeline = 1000;

void read_version(const YamlEntry& entry, Http& http, Complaints& complaints) {
  const auto text = read_text(entry, "1.1 or 2", complaints);
  if (!text) return;
  if (*text != "1.1" && *text != "2") {
    complaints.add(place_of(entry), "{}: expected 1.1 or 2, not '{}'", entry.key, shown(*text));
    return;
  }
  http.version = *text == "2" ? HttpVersion::http2 : HttpVersion::http1;
}

void read_connection(const YamlEntry& entry, Http& http, Complaints& complaints) {
  const auto text = read_text(entry, "connection: per_request", complaints);
  if (!text) return;
  if (*text != "per_request" && *text != "keep_alive")
    complaints.add(place_of(entry), "connection: expected keep_alive or per_request, not '{}'", shown(*text));
  http.per_request = *text == "per_request";
}

void read_share(const YamlEntry& entry, const WholeBounds& bounds, int& users, Complaints& complaints) {
  const auto number = read_whole(entry, bounds, complaints);
  if (number) users = static_cast<int>(*number);
}

// The other version's keys would be without effect.
bool belongs(const YamlEntry* entry, HttpVersion version, const Http& http, Complaints& complaints) {
  if (entry == nullptr) return false;
  if (http.version == version) return true;
  const bool to_2 = version == HttpVersion::http2;
  complaints.add(entry->key_at, "'{}' belongs to HTTP/{}; write version: {} beside it, or take it away", entry->key,
                 to_2 ? "2" : "1.1", to_2 ? "2" : "1.1");
  return false;
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
  refuse_unknown_keys(*map, "http", {"version", "streams", "connection", "pipeline"}, complaints);
  if (const YamlEntry* version = map->find("version")) read_version(*version, http, complaints);
  if (const YamlEntry* streams = map->find("streams"); belongs(streams, HttpVersion::http2, http, complaints))
    read_share(*streams, {1, kMostStreams, "no server allows as many"}, http.streams, complaints);
  if (const YamlEntry* connection = map->find("connection"); belongs(connection, HttpVersion::http1, http, complaints))
    read_connection(*connection, http, complaints);
  if (const YamlEntry* pipeline = map->find("pipeline"); belongs(pipeline, HttpVersion::http1, http, complaints)) {
    read_share(*pipeline, {1, kDeepestPipeline, "no server reads as far ahead"}, http.pipeline, complaints);
    if (http.per_request && http.pipeline > 1) {
      complaints.add(pipeline->key_at,
                     "'pipeline' shares a connection, and connection: per_request shares none; take one away");
    }
  }
  return http;
}

}  // namespace loadlab
