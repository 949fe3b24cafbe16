// The complaints about a plan, to the letter: they are what a person meets first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using ::testing::HasSubstr;

// The message without the name of the file.
std::string complaint(std::string_view yaml) {
  const auto plan = load_plan_text(yaml, "p", {});
  return plan ? "accepted" : plan.error().message;
}

// A plan of one test with these lines put before a simple step.
std::string with(std::string_view lines) {
  return fmt::format("target: http://a\nusers: 1\n{}\nsteps: [GET /]\n", lines);
}

TEST(PlanComplaints, an_unknown_key_is_named_with_the_nearest_known_one) {
  EXPECT_EQ(complaint(with("treshold: []")), "p:3:1: unknown key 'treshold'; did you mean 'thresholds'?");
  EXPECT_EQ(
      complaint(with("banana: 1")),
      "p:3:1: unknown key 'banana'; the keys of a test are name, target, tags, loads, users, rate, stages, arrivals, "
      "max_users, max_waiting, ramp_up, duration, start, iterations, shared_iterations, pacing, think, steps, "
      "journeys, user_setup, user_teardown, warm_up, http, redirects, compression, max_body, cookies, headers, "
      "variables, data, setup, teardown, thresholds, leaks, bottleneck, watch, watch_interval, threads, timeout, "
      "connect_timeout, drain, seed, allowed_send_lag, allowed_steal, tls, addresses, source_addresses, keep_alive, "
      "ports, before, "
      "at, verify, after, benchmark, sweep, repeat, compare, suite, defaults, tests, include");
  EXPECT_EQ(complaint("target: http://a\nusers: 1\nsteps: [{request: GET /, chek: {}}]"),
            "p:3:26: unknown key 'chek'; did you mean 'check'?");
  EXPECT_EQ(complaint("target: http://a\ntests: [{name: a, users: 1, steps: [GET /]}]\ndefault: {}"),
            "p:3:1: unknown key 'default'; did you mean 'defaults'?");
  EXPECT_EQ(complaint("target: http://a\ntests: [{name: a, users: 1, steps: [GET /]}]\nduration: 3s"),
            "p:3:1: 'duration' is a test's key; beside 'tests' put it under 'defaults', or into a test");
}

TEST(PlanComplaints, a_key_given_twice_is_an_error_wherever_it_stands) {
  EXPECT_EQ(complaint(with("users: 2")), "p:3:1: key 'users' is given twice; it stands in line 2, column 1 already");
  EXPECT_EQ(complaint("target: http://a\nusers: 1\nsteps: [{request: POST /, json: {a: 1, \"a\": 2}}]"),
            "p:3:40: key 'a' is given twice; it stands in line 3, column 34 already");
}

TEST(PlanComplaints, several_mistakes_are_told_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(complaint(R"(target: ftp://x
users: 0
duration: 30
think: 5s..1s
steps:
  - GET /a/$(id)
  - get /b
  - GET c
thresholds:
  - p95(response_time of GET /bb) < 300ms
  - error_rate < 1
)"),
            "p:1:9: target: 'ftp://x' is not a URL; write it as in http://127.0.0.1:8080\n"
            "p:2:8: users: 0 is not between 1 and 100000 (each holds a connection, and an address has some 64,000 "
            "ports)\n"
            "p:3:11: duration: '30' has no unit; write 30s, 30ms or 30m\n"
            "p:4:8: think: the range '5s..1s' is upside down; write the shorter time first\n"
            "p:6:12: unknown variable 'id'; no step before this one captures a variable; write $$( for a literal "
            "'$('\n"
            "p:7:5: 'get' has small letters, which make it another method; write GET\n"
            "p:8:9: 'c' is not a path; it must begin with '/'\n"
            "p:10:26: no step is named 'GET /bb'; did you mean 'get /b'?\n"
            "p:11:19: a unit is missing here (did you mean 1%?); error_rate is bounded by a percentage, as in 1%");
}

TEST(PlanComplaints, more_than_ten_mistakes_are_counted) {
  std::string yaml;
  for (int i = 0; i < 13; ++i) yaml += fmt::format("wrong_{}: 1\n", i);
  const std::string message = complaint(with(yaml));
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 10);
  EXPECT_TRUE(message.ends_with("\n… and 3 more")) << message;
  std::string variables;
  for (int i = 0; i < 2000; ++i) variables += "$(x)";
  EXPECT_TRUE(complaint(fmt::format("target: http://a\nusers: 1\nsteps: [{{request: GET /, body: {}}}]", variables))
                  .ends_with("\n… and many more"));
}

TEST(PlanComplaints, wrong_values_are_told_with_what_was_expected) {
  const auto expect = [](std::string_view line, std::string_view message) {
    EXPECT_EQ(complaint(with(line)), fmt::format("p:3:{}", message)) << line;
  };
  expect("duration: 0s", "11: duration: 0s is not between 1ms and 168h (a week is the longest test)");
  expect("duration: [1s]", "11: duration: expected a duration, as in 30s, not a list");
  expect("duration:", "1: duration: expected a duration, as in 30s, not nothing");
  expect("duration: yes", "11: duration: 'yes' is not a duration; write a number and its unit, as in 30s, 5m or 250ms");
  expect("ramp_up: 20s",
         "10: ramp_up: 20s is longer than the duration of 10s, so the full load would never be reached");
  expect("arrivals: poisson", "1: 'arrivals' belongs to an open model, to 'rate'; take it away");
  expect("rate: 5/s", "1: a test has 'users' (a closed model) or 'rate' (an open one), not both; take one away");
  expect("think: 2h", "8: think: '2h' is longer than 1h, after which nobody is waiting");
  expect("threads: 1000",
         "10: threads: 1000 is not between 1 and 256 (more threads than cores only disturb each other)");
  expect("threads: two", "10: threads: expected a whole number, as in 10, not 'two'");
  expect("seed: 99999999999999999999",
         "7: seed: 99999999999999999999 is not between 0 and 9223372036854775807 (a seed is a whole number of 63 "
         "bits)");
  expect("tags: smoke", "7: tags: expected a list, as in [smoke, nightly], not 'smoke'");
  expect("watch: 8080",
         "8: watch: '8080' is nothing to watch; write port:8080, pid:4242, name:shop, "
         "command:./shop, machine, cgroup:/sys/fs/cgroup/shop.slice, postgresql://user@host/shop, "
         "pgbouncer:postgresql://user@host:6432/pgbouncer, redis://host:6379 or prometheus:http://host:9100/metrics");
  expect("headers: {Content-length: 3}", "11: headers: 'Content-Length' is set by loadlab itself; take it away");
  expect("headers: {A B: 3}",
         "11: headers: 'A B' is not the name of a header; letters, digits and '-' are, as in X-Request-Id");
  expect("headers: {A: \"x\\r\\nB: y\"}",
         "14: A: 'x \\nB: y' has a line break or a control character, which no header may hold");
  expect("variables: {a-b: 3}", "13: variables: 'a-b' is not the name of a variable (letters, digits and '_')");
  expect("variables: {a: $(b)}", "16: a: a constant can't hold another variable; write $$( for a literal '$('");
  EXPECT_EQ(complaint(with("variables: {a: " + std::string(8001, 'x') + "}")),
            "p:3:16: a: a constant is at most 8000 bytes long");
  expect("name: \"\"", "7: name: a name has 1 to 200 characters, all on one line");
  expect("thresholds: [{expect: rate(requests) > 5/s, abort: true}]",
         "23: abort: a lower bound may be met as long as the test runs; only < and <= can end it");
  expect("thresholds: [{expect: error_rate < 1%, grace: 3s}]",
         "40: grace: is the time before the test may be ended; write abort: true beside it");
  expect("thresholds: [{severity: bad, abort: yes}]",
         "14: this threshold has no 'expect'; write one, as in expect: error_rate < 1%\n"
         "p:3:25: severity: expected fail or warn, not 'bad'\n"
         "p:3:37: abort: expected true or false, not 'yes'");
}

TEST(PlanComplaints, cookies_are_kept_or_not) {
  EXPECT_EQ(complaint(with("cookies: yes")), "p:3:10: cookies: expected true or false, not 'yes'");
  EXPECT_EQ(complaint(with("cookies: true")), "accepted");
  EXPECT_EQ(complaint("target: http://a\nusers: 1\nsteps: [{request: GET /, cookies: true}]"),
            "p:3:26: unknown key 'cookies'; the keys of a step are name, request, json, body, headers, capture, check, "
            "redirects, compression, max_body, body_file, chunked, chunk_size, expect_continue, think");
}

TEST(PlanComplaints, wrong_steps_are_told_with_what_was_expected) {
  const auto expect = [](std::string_view steps, std::string_view message) {
    EXPECT_EQ(complaint(fmt::format("target: http://a\nusers: 1\nsteps: {}\n", steps)), fmt::format("p:3:{}", message))
        << steps;
  };
  expect("[]", "8: steps: expected a list of steps, each as in GET /health, not an empty list");
  expect("GET /", "8: steps: expected a list of steps, each as in GET /health, not 'GET /'");
  expect("[[]]", "9: a step is a text, as in GET /health, or a map with 'request'");
  expect("[/health]", "9: expected a method and a path, as in GET /health, not '/health'");
  expect("[GET: /]", "9: write a step as one text, without the ':', as in GET /health");
  expect("[{name: x}]", "9: this step has no 'request'; write one, as in request: GET /health");
  expect("[GET /a b]", "13: '/a b' has a space; write it as %20");
  expect("[GET http://a/]", "13: 'http://a/' names a host; give only the path here, and the host as 'target'");
  expect("['GET /é']", "14: '/é' has a letter outside ASCII; write its bytes as % and two hexadecimal digits");
  expect("[GET /é$(x)]",
         "13: '/é' has a letter outside ASCII; write its bytes as % and two hexadecimal digits\n"
         "p:3:15: unknown variable 'x'; no step before this one captures a variable; write $$( for a literal '$('");
  expect("[GTE /]",
         "9: unknown method 'GTE'; did you mean GET? The usual ones are GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  expect("[Psot /]", "9: 'Psot' has small letters, which make it another method; write POST");
  expect("['GE(T /']", "9: 'GE(T' is not a method; write GET, POST, PUT, PATCH, DELETE …");
  expect("[GET /$(x]", "14: '$(' without its ')'; write $(name), or $$( for a literal '$('");
  expect("[GET /$(1+1)]",
         "14: '1+1' is not the name of a variable (letters, digits and '_'); write $$( for a literal '$('");
  expect("[{request: GET /, capture: {idea: /id}}, GET /$(ide)]", "54: unknown variable 'ide'; did you mean $(idea)?");
  expect("[{request: GET /$(id), capture: {id: /id}}]",
         "24: unknown variable 'id'; no step before this one captures a variable; write $$( for a literal '$('");
  expect("[{request: GET /, capture: {id: id}}]", "40: id: 'id' is not a JSON pointer; write it as in /items/0/id");
  expect("[{request: GET /, capture: [id]}]",
         "35: capture: expected a map of variables to JSON pointers, as in {id: /items/0/id}, not a list");
  expect("[{request: GET /, check: {status: 99}}]",
         "42: status: expected a status from 100 to 599, 2xx, 200-299, or a list of such, not '99'");
  expect("[{request: GET /, json: 1, body: x}]", "35: a step has 'json' or 'body', not both; take one away");
  expect("[{request: GET /, name: a<b}]",
         "32: name: '<' and '>' can't stand in a step's name, or no threshold could name it");
}

TEST(PlanComplaints, yaml_s_own_mistakes_have_a_place_and_a_meaning) {
  EXPECT_EQ(complaint("target: http://a\n\tusers: 3\n"), "p:2:1: a tab in the indentation; YAML takes spaces only");
  EXPECT_EQ(complaint("a:\n  b: 1\n c: 2\n"),
            "p:3:2: the indentation fits no line above; keys of one map begin in the same column");
  EXPECT_EQ(complaint("é: b: c\n"),
            "p:1:5: a second ':' on a line, or wrong indentation; a text with ': ' in it wants quotes");
  EXPECT_EQ(complaint("a: [1, 2\nb: 3\n"), "p:2:2: expected ',' or ']' of a '[' opened before");
  EXPECT_EQ(complaint("a: \"b\nc: d\n"), "p:1:4: this quote is never closed");
  EXPECT_EQ(complaint("a: 'it''s\nc: d\n"), "p:1:4: this quote is never closed");
  EXPECT_EQ(complaint("a: *b\n"), "p:1:4: this alias names no anchor (&name) above it");
  EXPECT_EQ(complaint("a: @b\n"), "p:1:4: this character can't begin a value; put the text in quotes");
  EXPECT_EQ(complaint("a: &a [*a]\n"), "p:1:8: this alias stands inside what it stands for; it would never end");
  EXPECT_EQ(complaint("? [a]\n: b\n"), "p:1:3: a key is a single word here, not a list or a map");
  EXPECT_EQ(complaint("a: b\n\xff: c\n"), "p:2:1: this is not text in UTF-8");
  EXPECT_EQ(complaint(std::string_view("a: b\0c", 6)), "p:1:5: this is not text in UTF-8");
  EXPECT_EQ(complaint(""), "p:1:1: the plan is empty; it needs at least 'target', 'users' or 'rate', and 'steps'");
  EXPECT_EQ(complaint("- a\n"), "p:1:1: a plan is a map of keys, as in target: http://127.0.0.1:8080");
  EXPECT_EQ(complaint(with("") + "---\na: b\n"),
            "p:6:1: the plan has ended above this line; check the indentation (a file holds one plan)");
  EXPECT_EQ(complaint(with("tags: !!set [a]")),
            "p:3:7: a plan has no tags like 'tag:yaml.org,2002:set'; take it away, the key decides the type");
}

TEST(PlanComplaints, columns_count_characters_however_long_the_line) {
  std::string accents;
  for (int i = 0; i < 500; ++i) accents += "é";
  EXPECT_EQ(complaint(with(fmt::format("headers: {{A: {}, B C: x}}", accents))),
            "p:3:516: headers: 'B C' is not the name of a header; letters, digits and '-' are, as in X-Request-Id");
}

TEST(PlanComplaints, deep_nesting_and_bombs_are_bounded) {
  EXPECT_THAT(complaint("a: " + std::string(64, '[') + std::string(64, ']')),
              HasSubstr("nested more than 64 levels deep"));
  EXPECT_THAT(complaint(std::string(1'000'001, '#')), HasSubstr("larger than 1 MB"));
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  EXPECT_THAT(complaint(bomb), HasSubstr("with its aliases written out the plan is larger than 8 MB"));
  EXPECT_THAT(
      complaint(fmt::format("target: http://a\nusers: 1\nvariables: {{x: {}}}\nsteps: [{{request: POST /, body: {}}}]",
                            std::string(8'000, 'x'),
                            [] {
                              std::string body;
                              for (int i = 0; i < 10'000; ++i) body += "$(x)";
                              return body;
                            }())),
      HasSubstr("p:1:1: with constants and defaults put in, the requests of all tests take more than 64 MB"));
  std::string ladder = "a0: &a0 [x]\n";
  for (int i = 1; i < 100; ++i) ladder += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  EXPECT_THAT(complaint(ladder), HasSubstr("nested more than 64 levels deep"));
}

TEST(PlanComplaints, a_suite_s_tests_are_named_and_named_apart) {
  const std::string test = "users: 1, steps: [GET /]";
  EXPECT_EQ(complaint(fmt::format("target: http://a\ntests:\n  - {{{}}}\n", test)),
            "p:3:5: this test has no 'name', which reports know it by");
  EXPECT_EQ(complaint(fmt::format("target: http://a\ntests:\n  - {{name: a, {0}}}\n  - {{name: a, {0}}}\n", test)),
            "p:4:5: two tests are named 'a'; name them apart, as reports know them by name");
  EXPECT_EQ(complaint("target: http://a\ntests: []\n"), "p:2:8: tests: the list is empty; it needs at least one test");
}

}  // namespace
}  // namespace loadlab
