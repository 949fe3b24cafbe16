#include "loadlab/cli/run_options.h"

#include <cstdlib>
#include <filesystem>
#include <map>

#include "loadlab/plan/load_plan.h"
#include "loadlab/session/free_port.h"

namespace loadlab {
namespace {

// Reads an optional text by its parser; nothing where it isn't given.
template <class Value, class Parse>
base::Result<std::optional<Value>> parse_if_given(const std::optional<std::string>& text, const char* option,
                                                  Parse parse) {
  if (!text) return std::optional<Value>();
  auto value = parse(*text);
  if (!value) return base::fail(base::ErrorKind::invalid, "{}: {}", option, value.error().message);
  return std::optional<Value>(*value);
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

base::Result<Overrides> overrides_of(const RunOptions& options) {
  Overrides overrides;
  overrides.environment = environment;
  overrides.free_port = [ports = FreePorts()]() mutable { return ports.next(); };
  for (const std::string& text : options.variables) {
    auto variable = parse_variable(text);
    if (!variable) return base::fail(base::ErrorKind::invalid, "-e: {}", variable.error().message);
    overrides.variables.push_back(std::move(*variable));
  }
  overrides.target = options.target;
  overrides.threads = options.threads;
  overrides.only = options.only;
  overrides.except = options.except;
  overrides.insecure = options.insecure;
  overrides.ca_file = options.ca_file;
  overrides.certificate = options.certificate;
  overrides.key = options.key;
  for (const std::string& text : options.watch) {
    const auto watch = parse_watch(text);
    if (!watch) return base::fail(base::ErrorKind::invalid, "--watch: {}", watch.error().message);
    overrides.watch.push_back(*watch);
  }
  const auto duration = parse_if_given<Nanoseconds>(options.duration, "--duration", parse_duration);
  if (!duration) return base::pass_on(duration);
  overrides.duration = *duration;
  const auto interval = parse_if_given<Nanoseconds>(options.watch_interval, "--watch-interval", parse_duration);
  if (!interval) return base::pass_on(interval);
  overrides.watch_interval = *interval;
  return overrides;
}

base::Result<Arrivals> parse_arrivals(const std::string& text) {
  if (text == "poisson") return Arrivals::poisson;
  if (text == "uniform") return Arrivals::uniform;
  return base::fail(base::ErrorKind::invalid, "'{}' is no kind of arrivals: expected poisson or uniform", text);
}

base::Result<UrlLoad> url_load_of(const RunOptions& options) {
  UrlLoad load;
  load.url = options.what;
  load.users = options.users;
  load.headers = options.headers;
  load.thresholds = options.thresholds;
  load.body = options.body.value_or("");
  load.keep_alive = !options.no_keep_alive;
  load.method = options.method.value_or(options.body ? "POST" : "GET");
  const auto rate = parse_if_given<double>(options.rate, "--rate", parse_rate);
  if (!rate) return base::pass_on(rate);
  load.rate = *rate;
  // Also an override, as it is of a plan; here the ramp is held against it.
  const auto duration = parse_if_given<Nanoseconds>(options.duration, "--duration", parse_duration);
  if (!duration) return base::pass_on(duration);
  load.duration = duration->value_or(load.duration);
  const auto ramp_up = parse_if_given<Nanoseconds>(options.ramp_up, "--ramp-up", parse_duration);
  if (!ramp_up) return base::pass_on(ramp_up);
  load.ramp_up = ramp_up->value_or(Nanoseconds{0});
  const auto arrivals = parse_if_given<Arrivals>(options.arrivals, "--arrivals", parse_arrivals);
  if (!arrivals) return base::pass_on(arrivals);
  load.arrivals = arrivals->value_or(Arrivals::poisson);
  return load;
}

// Options that say what a plan says itself; with a plan they would be silently without effect.
base::Result<> check_options_suit(const RunOptions& options) {
  const auto unsuited = [](const char* option, const char* why) {
    return base::fail(base::ErrorKind::invalid, "{} {}", option, why);
  };
  if (options.is_url()) {
    if (!options.target.empty()) return unsuited("--target", "is for a plan: here the URL is the target");
    if (!options.only.empty()) return unsuited("--only", "is for a plan with several tests");
    if (!options.except.empty()) return unsuited("--except", "is for a plan with several tests");
    if (!options.variables.empty()) return unsuited("-e", "is for a plan, whose texts name variables");
    return {};
  }
  const char* why = "is for a bare URL: in a plan its test says this";
  if (options.users) return unsuited("--users", why);
  if (options.rate) return unsuited("--rate", why);
  if (options.arrivals) return unsuited("--arrivals", why);
  if (options.ramp_up) return unsuited("--ramp-up", why);
  if (options.method) return unsuited("--request", why);
  if (options.body) return unsuited("--body", why);
  if (options.no_keep_alive) return unsuited("--no-keep-alive", why);
  if (!options.headers.empty()) return unsuited("--header", why);
  if (!options.thresholds.empty()) return unsuited("--threshold", why);
  return {};
}

// `127.0.0.1:80/x` or `localhost`: a URL without its beginning, unless there is such a file.
bool lacks_scheme(const std::string& what) {
  const std::string authority = what.substr(0, what.find('/'));
  const bool looks_like_one = authority.find(':') != std::string::npos || authority == "localhost" ||
                              authority.find_first_not_of("0123456789.") == std::string::npos;
  std::error_code error;
  return looks_like_one && parse_url("http://" + authority) && !std::filesystem::exists(what, error);
}

// One text for all names of a file, whether it is there or not; empty of what is no file that could be lost.
std::string identity_of(const std::string& path) {
  namespace fs = std::filesystem;
  if (path.empty() || path == "-") return path;
  std::error_code error;
  if (fs::is_character_file(path, error)) return "";
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, error), error);
  return error ? path : whole.string();
}

}  // namespace

base::Result<> check_outputs(const RunOptions& options) {
  std::map<std::string, const char*> seen;
  for (const auto& [option, path] : {std::pair("--json", &options.json), std::pair("--html", &options.html),
                                     std::pair("--markdown", &options.markdown), std::pair("--hlog", &options.hlog),
                                     std::pair("--history", &options.history)}) {
    const std::string identity = identity_of(*path);
    if (identity.empty()) continue;
    const auto [other, is_new] = seen.emplace(identity, option);
    if (!is_new) {
      return base::fail(base::ErrorKind::invalid, "{} and {} both name {}; name two files", other->second, option,
                        *path);
    }
  }
  return {};
}

base::Result<Plan> plan_of(const RunOptions& options) {
  if (!options.is_url() && lacks_scheme(options.what)) {
    return base::fail(base::ErrorKind::invalid,
                      "'{0}' is neither a file nor a URL: that begins with http:// or https://, as in http://{0}",
                      options.what);
  }
  if (const auto suits = check_options_suit(options); !suits) return base::pass_on(suits);
  const auto overrides = overrides_of(options);
  if (!overrides) return base::pass_on(overrides);
  if (!options.is_url()) return load_plan_file(options.what, *overrides);
  const auto load = url_load_of(options);
  if (!load) return base::pass_on(load);
  return plan_for_url(*load, *overrides);
}

}  // namespace loadlab
