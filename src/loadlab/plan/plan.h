// A checked plan: what is loaded, how, for how long, and what must hold.
//
// Plain values. Whoever holds a Plan may rely on it: every test but a benchmark has a target and at least one load, and
// that a duration above zero and at least one journey with at least one step; every variable a template names is one of
// its journey's; every threshold names a step that exists.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "loadlab/plan/benchmark.h"
#include "loadlab/plan/cause_metrics.h"
#include "loadlab/plan/data.h"
#include "loadlab/plan/delay.h"
#include "loadlab/plan/generated.h"
#include "loadlab/plan/leak_rules.h"
#include "loadlab/plan/load.h"
#include "loadlab/plan/network.h"
#include "loadlab/plan/pattern.h"
#include "loadlab/plan/surroundings.h"
#include "loadlab/plan/threshold.h"
#include "loadlab/plan/watch.h"

namespace loadlab {

using base::Nanoseconds;

// `http://host:port/base`, `https://…`, or `unix:/path/of/socket:/base`. A path of the plan is put behind `base_path`,
// which has no slash at its end.
struct Url {
  std::string text;  // as it was written
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address; `localhost` behind a Unix socket
  std::uint16_t port = 80;
  std::string base_path;
  std::string socket;  // the path of a Unix socket; else empty

  // The value of a Host header: with the port where it isn't the scheme's own, with brackets where it needs them.
  std::string authority() const;

  // It names this machine: 127.x.x.x, ::1, localhost or a Unix socket.
  bool is_loopback() const;
};

// How a variable's value is written where it stands, so that what a server answered can't break the request it becomes
// part of.
enum class Escaping {
  none,         // a text body: as it is
  json,         // within a JSON string
  percent,      // within a path or a query
  header_value  // control characters, which would end the header, become spaces
};

// Appends the value to `out`, escaped. Allocates only when `out` must grow.
void append_escaped(std::string& out, std::string_view value, Escaping escaping);

// Text with variables: `$(name)` in a plan. Literals and variables alternate as they stand.
struct Template {
  struct Variable {
    std::size_t slot;  // index into Journey::variables
    Escaping escaping = Escaping::none;
  };
  // Literal text that is sent, and shown to nobody.
  struct Secret {
    std::string text;
  };
  using Piece = std::variant<std::string, Variable, Secret>;
  std::vector<Piece> pieces;

  bool is_constant() const;
  // The text, if it is constant.
  std::string constant() const;
};

// What a piece always says, secret or not; null of a variable.
const std::string* literal_of(const Template::Piece& piece);

// Takes a value out of an answer for later steps.
struct Capture {
  enum class Source { json, header, body };

  std::size_t slot;      // index into Journey::variables
  std::string variable;  // its name
  std::string at;        // JSON: a pointer (RFC 6901); header: its name
  Source source = Source::json;
  std::optional<Pattern> pattern{};  // what of the value is taken; none: all of it
};

// What of an answer is looked at.
enum class Subject {
  header,    // one of those with the name
  body,      // as text
  json,      // the body's value at a pointer
  size,      // bytes received: head and body, as they came
  duration,  // the service time, in nanoseconds
};

enum class Relation { exists, absent, equals, contains, matches, compares, length };

// One thing that an answer must be like.
struct Expectation {
  Subject subject = Subject::body;
  std::string at;  // a header's name, a JSON pointer (RFC 6901); else empty
  Relation relation = Relation::exists;
  Template text;                              // equals, contains; of a JSON value that it equals: as JSON
  std::optional<Pattern> pattern;             // matches
  Comparison comparison = Comparison::equal;  // compares, length
  double bound = 0;                           // compares, length
  std::string name;                           // `json /status = "ok"`, as the plan writes it
};

// What an answer must be like to count as a success.
struct Check {
  // Inclusive ranges of statuses; empty: every status below 400.
  std::vector<std::pair<int, int>> statuses;
  std::vector<Expectation> expectations;

  bool accepts(int status) const;
};

// Of an answer's body: larger than what most services ever send, and received within some seconds.
inline constexpr std::uint64_t kMaxBody = 1'000'000'000;

struct Step {
  std::string name;  // `GET /health` unless the plan names it
  std::string method;
  Template path;
  std::vector<std::pair<std::string, Template>> headers;
  Template body;
  bool has_body = false;
  std::size_t chunk_size = 0;         // the body is sent in chunks of so many bytes; 0: whole, with its length
  bool expect_continue = false;       // the body waits until the server has said that it wants it
  int redirects = 0;                  // so many are followed; with none, a redirect is an answer
  std::uint64_t max_body = kMaxBody;  // bytes of an answer's body, as sent; a longer one fails
  Check check;
  std::vector<Capture> captures;
  std::vector<Draw> draws;  // before each of its requests
  Delay think;              // after this step's answer
};

// What is put into variables before the first step.
struct Fill {
  std::vector<RowUse> rows;  // one row of each
  std::vector<Draw> draws;
};

// Steps of a journey, one after the other, that are timed as a whole.
struct Group {
  std::string name;
  std::size_t first;  // of its steps, by index
  std::size_t end;    // behind the last of them
};

struct Journey {
  std::string name;
  double weight = 1;
  std::vector<std::string> variables;  // names by slot; what no text can name has none
  Fill fill{};                         // at each iteration's begin
  std::vector<Step> steps;
  std::vector<Group> groups;  // none overlaps another
  Delay pacing;               // a user's iterations begin no closer to each other
};

// Steps that are played once, before a load or after it, and are no part of its figures.
struct Errand {
  // Names by slot: first those that an errand before it captures, whose values it is given, then its own.
  std::vector<std::string> variables;
  Fill fill{};
  std::vector<Step> steps;  // none: there is nothing to do
};

// One load of a test. Several run side by side.
struct Load {
  std::string name;            // of several; else empty
  base::Nanoseconds start{0};  // after the test's
  base::Nanoseconds duration{0};
  std::variant<ClosedLoad, OpenLoad> model;
  std::vector<Journey> journeys;
  // Once a user. What the set-up captures is in the first slots of the journeys and of the teardown.
  Errand user_setup{};
  Errand user_teardown{};

  base::Nanoseconds end() const { return start + duration; }
  const LevelProfile& profile() const;
  bool is_open() const { return std::holds_alternative<OpenLoad>(model); }
  // The most users who can be at work at once.
  int most_users() const;
};

enum class HttpVersion { http1, http2 };

// How HTTP is spoken.
struct Http {
  HttpVersion version = HttpVersion::http1;
  int streams = 1;           // HTTP/2: users who share a connection
  int pipeline = 1;          // HTTP/1.1: users who share a connection, whose answers come in the requests' order
  bool per_request = false;  // HTTP/1.1: every request is sent on a connection of its own
};

struct Sweep;  // sweep.h

// A load; or `benchmark` says what is run instead, or `sweep` that its points are played instead. A benchmark has no
// loads, and a sweep those of its first point.
// Of the time of a machine's host: half of what lag may bend, as steal slows target and generator alike.
inline constexpr double kUsualStealPercent = 5.0;

struct Test {
  std::string name;
  std::string family{};  // the included file that it stands in, without its ending; empty: the plan's own
  std::vector<std::string> tags;
  Url target;
  std::vector<Load> loads;       // at least one
  std::vector<DataSource> data;  // what its journeys and errands take rows of
  // Once. What the set-up captures is in the first slots of everything else.
  Errand setup;
  Errand teardown;
  Nanoseconds warm_up{0};  // the first so much is counted apart
  Http http;
  bool cookies = false;  // each user keeps what answers set, and sends it back
  Network network;
  std::vector<Threshold> thresholds;
  // The p99 of send lag that leaves the result trusted, beside a tenth of the p99 response time. Not more than a tenth
  // of any threshold's bound on a time, so that lag decides none of them.
  Nanoseconds allowed_send_lag{std::chrono::milliseconds(1)};
  // How much of its time the machine's host may take for other guests. A result for which it took more than
  // `kUsualStealPercent` is good for the test's own bounds alone, and only where they hold with room.
  double allowed_steal_percent = kUsualStealPercent;
  LeakRules leaks;
  CauseMetrics causes;
  std::vector<Watch> watch;
  Nanoseconds watch_interval{std::chrono::seconds(1)};
  std::optional<int> threads;  // worker threads; the engine chooses where it isn't said
  Nanoseconds request_timeout{std::chrono::seconds(30)};
  Nanoseconds connect_timeout{std::chrono::seconds(5)};
  Nanoseconds drain{std::chrono::seconds(10)};  // how long answers are awaited after the end
  std::uint64_t seed = 1;
  std::optional<Benchmark> benchmark{};
  std::shared_ptr<Sweep> sweep{};
  Surroundings around{};
  std::string folder{};  // of the plan's file, with a slash at its end, which commands are run in; empty: loadlab's own

  // Until the last load's end.
  Nanoseconds duration() const;
  // Some step of it asks for that.
  bool follows_redirects() const;
};

struct Plan {
  std::string suite;
  std::vector<Test> tests;
  Surroundings around{};               // of the whole suite: no `at`, no `verify`
  std::string folder{};                // as a test's
  std::optional<Url> target{};         // the suite's own
  std::vector<std::string> sources{};  // the files that it was read from, its own first; none of a bare URL
  // Variables that nobody may be shown, each with a text that the sources hold for it; empty where they hold none.
  std::vector<std::pair<std::string, std::string>> secrets{};
  int again = 0;  // how often a test whose result is untrusted is played once more
};

}  // namespace loadlab
