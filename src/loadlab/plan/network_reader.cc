#include "loadlab/plan/network_reader.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include "loadlab/plan/fields.h"

namespace loadlab {
namespace {

// A /24 of the loopback network; more ports than that gives no target bears.
constexpr std::size_t kMostSources = 256;

// An IP address as its bytes: 4 or 16 of them, or none.
struct Literal {
  std::array<unsigned char, 16> bytes{};
  int family = AF_UNSPEC;

  explicit Literal(const std::string& text) {
    if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
      family = AF_INET;
    } else if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) {
      family = AF_INET6;
    }
  }
  std::size_t size() const { return family == AF_INET ? 4 : 16; }
  std::string text() const {
    char out[INET6_ADDRSTRLEN] = "";
    ::inet_ntop(family, bytes.data(), out, sizeof out);
    return out;
  }
  void step() {
    for (std::size_t i = size(); i-- > 0 && ++bytes[i] == 0;) {
    }
  }
};

class NetworkReader {
 public:
  NetworkReader(const std::string& folder, Complaints& complaints) : folder_(folder), complaints_(complaints) {}

  Network read(const FindEntry& find) {
    if (const YamlEntry* entry = find("tls")) read_tls(*entry);
    if (const YamlEntry* entry = find("addresses")) {
      const auto chosen = read_choice(*entry, "all", "first");
      network_.first_address_only = chosen == 1;
    }
    if (const YamlEntry* entry = find("source_addresses")) read_sources(*entry);
    if (const YamlEntry* entry = find("keep_alive"))
      network_.keep_alive_for = read_duration(
          *entry, {Nanoseconds(0), std::chrono::hours(1), "servers close what idles for longer"}, complaints_);
    return std::move(network_);
  }

 private:
  // 0 or 1: which of two words stands there.
  int read_choice(const YamlEntry& entry, std::string_view first, std::string_view second) {
    const auto text = read_text(entry, first, complaints_);
    if (!text || *text == first) return 0;
    if (*text != second)
      complaints_.add(place_of(entry), "{}: expected {} or {}, not '{}'", entry.key, first, second, shown(*text));
    return 1;
  }

  void read_tls(const YamlEntry& entry) {
    const YamlNode* map = read_map(entry, "a map, as in {ca_file: ca.pem}", complaints_);
    if (map == nullptr) return;
    refuse_unknown_keys(*map, "tls",
                        {"ca_file", "certificate", "key", "server_name", "ciphers", "insecure", "resumption",
                         "min_version", "max_version"},
                        complaints_);
    TlsSettings& tls = network_.tls;
    read_file(map->find("ca_file"), tls.ca_file);
    read_file(map->find("certificate"), tls.certificate);
    read_file(map->find("key"), tls.key);
    if (const YamlEntry* name = map->find("server_name")) tls.server_name = read_name(*name, complaints_).value_or("");
    if (const YamlEntry* text = map->find("ciphers")) tls.ciphers = read_name(*text, complaints_).value_or("");
    read_flag(map->find("insecure"), tls.insecure);
    read_flag(map->find("resumption"), tls.resumption);
    read_version(map->find("min_version"), tls.min_version);
    read_version(map->find("max_version"), tls.max_version);
    if (tls.certificate.empty() != tls.key.empty())
      complaints_.add(place_of(entry), "tls: 'certificate' and 'key' belong together; write both");
    if (tls.min_version > tls.max_version)
      complaints_.add(place_of(entry), "tls: the lowest version is above the highest");
  }

  void read_file(const YamlEntry* entry, std::string& into) {
    if (entry == nullptr) return;
    const auto name = read_name(*entry, complaints_);
    if (name) into = name->starts_with('/') ? *name : folder_ + *name;
  }

  void read_flag(const YamlEntry* entry, bool& into) {
    if (entry != nullptr) into = read_boolean(*entry, complaints_).value_or(into);
  }

  void read_version(const YamlEntry* entry, TlsVersion& into) {
    if (entry != nullptr) into = read_choice(*entry, "1.2", "1.3") == 1 ? TlsVersion::tls13 : TlsVersion::tls12;
  }

  void read_sources(const YamlEntry& entry) {
    if (entry.value->kind != YamlNode::Kind::list) return add_source(entry);
    const YamlNode* list = read_list(entry, kMostSources, "a list, as in [127.0.0.2, 127.0.0.3]", complaints_);
    if (list == nullptr) return;
    for (const YamlPointer& item : list->items) add_source({entry.key, entry.key_at, item});
  }

  // `127.0.0.2`, or `127.0.0.2-127.0.0.9`.
  void add_source(const YamlEntry& entry) {
    const auto text = read_text(entry, "127.0.0.2 or 127.0.0.2-127.0.0.9", complaints_);
    if (!text) return;
    const auto dash = text->find('-');
    Literal address(text->substr(0, dash));
    const Literal last(dash == std::string::npos ? *text : text->substr(dash + 1));
    if (address.family == AF_UNSPEC || address.family != last.family || address.bytes > last.bytes) {
      complaints_.add(place_of(entry), "{}: expected an IP address or a range, as in 127.0.0.2-127.0.0.9, not '{}'",
                      entry.key, shown(*text));
      return;
    }
    std::vector<std::string>& sources = network_.source_addresses;
    if (!sources.empty() && Literal(sources.front()).family != address.family) {
      complaints_.add(place_of(entry), "{}: IPv4 and IPv6 can't be mixed: no target has both at one address",
                      entry.key);
      return;
    }
    for (;; address.step()) {
      if (sources.size() == kMostSources) {
        complaints_.add(place_of(entry), "{}: more than {} addresses", entry.key, kMostSources);
        return;
      }
      sources.push_back(address.text());
      if (address.bytes == last.bytes) return;
    }
  }

  const std::string& folder_;
  Complaints& complaints_;
  Network network_;
};

}  // namespace

Network read_network(const FindEntry& find, const std::string& folder, Complaints& complaints) {
  return NetworkReader(folder, complaints).read(find);
}

}  // namespace loadlab
