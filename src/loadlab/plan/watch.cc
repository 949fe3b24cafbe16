#include "loadlab/plan/watch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/without_password.h"
#include "loadlab/plan/complaints.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

using base::ErrorKind;
using base::fail;
using Kind = Watch::Kind;

constexpr int kHighestPid = 4'194'304;  // Linux: PID_MAX_LIMIT
constexpr int kHighestPort = 65535;
// A command line, and a URL with its query, that a person wrote.
constexpr std::size_t kLongest = 4000;

constexpr const char* kForms =
    "port:8080, pid:4242, name:shop, command:./shop, machine, cgroup:/sys/fs/cgroup/shop.slice, "
    "postgresql://user@host/shop, pgbouncer:postgresql://user@host:6432/pgbouncer, redis://host:6379 or "
    "prometheus:http://host:9100/metrics";

base::Result<Watch> numbered(Watch watch, std::string_view text, int highest) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), watch.number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || watch.number < 1 || watch.number > highest) {
    return fail(ErrorKind::invalid, "'{}:{}': expected a number from 1 to {} behind the ':'",
                watch.kind == Kind::pid ? "pid" : "port", shown(text), highest);
  }
  watch.label = text;
  return watch;
}

// A URL of one of the schemes, with a host.
base::Result<> check_url(std::string_view url, const std::vector<std::string_view>& schemes, const char* example) {
  for (const std::string_view scheme : schemes) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != 0x7F; });
    if (printable && !rest.empty() && rest.front() != '/') return {};
  }
  // Without a scheme, what stands before an '@' may be a password.
  const bool has_scheme = url.find("://") != std::string_view::npos;
  const std::string_view told = has_scheme ? url : url.substr(url.rfind('@') + 1);
  return fail(ErrorKind::invalid, "'{}' is no such URL; write it as in {}", shown(base::without_password(told)),
              example);
}

// `http://host:9090#NAME=QUERY`: a Prometheus server is asked, where an endpoint has no such end.
base::Result<Watch> prometheus(Watch watch, std::string_view text) {
  const auto hash = text.find('#');
  const std::string_view url = text.substr(0, hash);
  if (const auto checked = check_url(url, {"http://", "https://"}, "prometheus:http://127.0.0.1:9100/metrics");
      !checked)
    return base::pass_on(checked);
  watch.text = url;
  watch.label = base::without_password(url);
  if (hash == std::string_view::npos) return watch;
  const std::string_view query = text.substr(hash + 1);
  const auto equals = query.find('=');
  const std::string_view name = trimmed(query.substr(0, equals));
  const bool named = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (equals == std::string_view::npos || !named || trimmed(query.substr(equals + 1)).empty()) {
    // It isn't shown: a '#' of a password that should have been escaped leads here, too.
    return fail(ErrorKind::invalid,
                "prometheus: expected a name of letters, digits and '_', and a query behind the '#', as in "
                "#cpu=rate(cpu_seconds_total[1m])");
  }
  watch.kind = Kind::query;
  watch.name = name;
  watch.query = trimmed(query.substr(equals + 1));
  return watch;
}

base::Result<Watch> database(Watch watch, std::string_view text, const std::vector<std::string_view>& schemes,
                             const char* example) {
  if (const auto checked = check_url(text, schemes, example); !checked) return base::pass_on(checked);
  watch.text = text;
  watch.label = base::without_password(text);
  return watch;
}

base::Result<Watch> named(Watch watch, std::string_view text) {
  if (text.empty()) return fail(ErrorKind::invalid, "nothing stands behind the ':'; write {}", kForms);
  watch.text = text;
  watch.label = text;
  return watch;
}

base::Result<Watch> parse(Watch watch, std::string_view rest) {
  static const std::vector<std::string_view> kPostgresql = {"postgresql://", "postgres://"};
  static const std::vector<std::string_view> kRedis = {"redis://"};
  switch (watch.kind) {
    case Kind::pid:
      return numbered(std::move(watch), rest, kHighestPid);
    case Kind::port:
      return numbered(std::move(watch), rest, kHighestPort);
    case Kind::postgresql:
      return database(std::move(watch), rest, kPostgresql, "postgresql://user@127.0.0.1:5432/shop");
    case Kind::pgbouncer:
      return database(std::move(watch), rest, kPostgresql, "pgbouncer:postgresql://user@127.0.0.1:6432/pgbouncer");
    case Kind::redis:
      return database(std::move(watch), rest, kRedis, "redis://127.0.0.1:6379");
    case Kind::prometheus:
    case Kind::query:
      return prometheus(std::move(watch), rest);
    case Kind::cgroup:
      if (!rest.starts_with('/'))
        return fail(ErrorKind::invalid,
                    "'cgroup:{}': expected the group's folder, as in cgroup:/sys/fs/cgroup/shop.slice", shown(rest));
      break;
    default:
      break;
  }
  return named(std::move(watch), rest);
}

}  // namespace

base::Result<Watch> parse_watch(std::string_view text) {
  static constexpr auto kKinds = std::to_array<std::pair<std::string_view, Kind>>({{"pid", Kind::pid},
                                                                                   {"port", Kind::port},
                                                                                   {"name", Kind::name},
                                                                                   {"command", Kind::command},
                                                                                   {"cgroup", Kind::cgroup},
                                                                                   {"postgresql", Kind::postgresql},
                                                                                   {"postgres", Kind::postgresql},
                                                                                   {"pgbouncer", Kind::pgbouncer},
                                                                                   {"redis", Kind::redis},
                                                                                   {"prometheus", Kind::prometheus}});
  const std::string_view whole = trimmed(text);
  if (whole.size() > kLongest) return fail(ErrorKind::invalid, "what to watch is at most {} characters long", kLongest);
  Watch watch;
  if (whole == "machine") {
    watch.kind = Kind::machine;
    watch.label = "this machine";
    return watch;
  }
  const auto colon = whole.find(':');
  for (const auto& [word, kind] : kKinds) {
    if (colon == std::string_view::npos || whole.substr(0, colon) != word) continue;
    watch.kind = kind;
    const std::string_view rest = trimmed(whole.substr(colon + 1));
    // A URL that says itself what it is.
    return parse(std::move(watch), rest.starts_with("//") ? whole : rest);
  }
  return fail(ErrorKind::invalid, "'{}' is nothing to watch; write {}", shown(base::without_password(whole)), kForms);
}

}  // namespace loadlab
