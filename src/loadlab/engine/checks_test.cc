#include "loadlab/engine/checks.h"

#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using Subject = Expectation::Subject;
using Relation = Expectation::Relation;

constexpr const char* kHead = "Content-Type: application/json\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n";
constexpr const char* kBody =
    R"({"state":"open","total":12,"rate":1.5,"id":9007199254740993,"items":[{"n":1},{"n":2}],"name":"häuser","gone":null,"a":{"x":1.0,"y":[true]}})";

// The names of the checks that an answer of 100 bytes after 20 ms does not meet, one by one.
std::vector<std::string> failed(const std::string& check) {
  const auto plan = load_plan_text(
      "target: http://a\nusers: 1\nvariables: {wanted: open}\nsteps:\n  - GET /\n  - request: GET /\n    check: " +
          check,
      "p", {});
  EXPECT_TRUE(plan) << plan.error().message;
  if (!plan) return {"refused"};
  Reply reply;
  reply.head = kHead;
  reply.body = kBody;
  reply.bytes_received = 100;
  std::vector<std::string> names;
  for (const Expectation& expectation : plan->tests[0].loads[0].journeys[0].steps[1].check.expectations) {
    Check one;
    one.expectations = {expectation};
    Answer answer(reply, 20ms);
    if (Checks(one, {check_fault(0)}).first_failed(answer, {}) != Fault::none) names.push_back(expectation.name);
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Checks, of_headers_are_met_by_any_header_of_the_name) {
  EXPECT_EQ(failed("{header: {content-type: application/json, Content-Type: {contains: json, matches: '^app.*on$', "
                   "exists: true}}}"),
            Names());
  EXPECT_EQ(failed("{header: {Set-Cookie: [a=1, b=2, {contains: '=2'}]}}"), Names());
  EXPECT_EQ(failed("{header: {Etag: {exists: false}}}"), Names());
  EXPECT_EQ(failed("{header: {Set-Cookie: c=3, Etag: {exists: true}, Content-Type: {exists: false, contains: xml, "
                   "matches: ^json}}}"),
            (Names{"header Set-Cookie = \"c=3\"", "header Etag exists", "header Content-Type is absent",
                   "header Content-Type contains \"xml\"", "header Content-Type matches \"^json\""}));
}

TEST(Checks, of_the_body_look_at_its_text) {
  EXPECT_EQ(failed("{body: {contains: '$(wanted)', matches: '\"total\":\\d+'}}"), Names());
  EXPECT_EQ(failed("{body: [open, {contains: closed}, {matches: '^<'}]}"),
            (Names{"body = \"open\"", "body contains \"closed\"", "body matches \"^<\""}));
}

TEST(Checks, of_json_compare_values_of_their_own_kind) {
  EXPECT_EQ(
      failed("{json: {/state: $(wanted), /total: 12, /rate: 1.5, /gone: null, /a/x: 1, /name: häuser, /items/1/n: 2}}"),
      Names());
  EXPECT_EQ(failed("{json: {/a: {equals: {y: [true], x: 1}}, /items: {equals: [{n: 1}, {n: 2}]}}}"), Names());
  EXPECT_EQ(failed("{json: {/state: closed, /total: '12', /id: 9007199254740992, /gone: 0, /a: {equals: {x: 1}}, "
                   "/items/1: {equals: [2]}}}"),
            (Names{"json /state = \"closed\"", "json /total = \"12\"", "json /id = 9007199254740992", "json /gone = 0",
                   "json /a = …", "json /items/1 = …"}));
}

TEST(Checks, of_json_compare_with_numbers_and_lengths) {
  EXPECT_EQ(failed("{json: {/total: {number: '>= 12'}, /rate: {number: < 1.6}, /items: {length: 2}, /a: {length: '> "
                   "1'}, /name: {length: 6}}}"),
            Names());
  EXPECT_EQ(failed("{json: {/total: {number: '> 12', length: 2}, /state: {number: < 5}, /items: {length: < 2}}}"),
            (Names{"json /total > 12", "json /total length = 2", "json /state < 5", "json /items length < 2"}));
}

TEST(Checks, of_json_tell_what_is_there_from_what_is_not) {
  EXPECT_EQ(failed("{json: {/state: {exists: true, contains: pe, matches: ^o}, /gone: {exists: true}, /missing: "
                   "{exists: false}}}"),
            Names());
  EXPECT_EQ(
      failed(
          "{json: {/missing: 1, /items/7: {exists: true}, /gone: {exists: false}, /none: {length: < 5, contains: a}}}"),
      (Names{"json /missing = 1", "json /items/7 exists", "json /gone is absent", "json /none length < 5",
             "json /none contains \"a\""}));
}

TEST(Checks, of_size_and_duration_bound_the_answer) {
  EXPECT_EQ(failed("{size: < 1KB, duration: <= 20ms}"), Names());
  EXPECT_EQ(failed("{size: '> 0.1KB', duration: < 20ms}"), (Names{"size > 0.1KB", "duration < 20ms"}));
}

TEST(Checks, variables_are_compared_as_they_are_captured) {
  Expectation expectation;
  expectation.subject = Subject::json;
  expectation.at = "/state";
  expectation.relation = Relation::equals;
  expectation.text.pieces = {"\"", Template::Variable{0, Escaping::json}, "\""};
  Check check;
  check.expectations = {expectation};
  const Checks checks(check, {check_fault(7)});
  Reply reply;
  reply.body = kBody;
  Answer answer(reply, 1ms);
  EXPECT_EQ(checks.first_failed(answer, {"open"}), Fault::none);
  EXPECT_EQ(checks.first_failed(answer, {"op\"en"}), check_fault(7));
}

TEST(Checks, ask_for_no_more_of_an_answer_than_they_need) {
  const auto wanted = [](Subject subject) {
    Check check;
    check.expectations.resize(1);
    check.expectations[0].subject = subject;
    return Checks(check, {check_fault(0)}).wanted();
  };
  EXPECT_TRUE(wanted(Subject::header).head);
  EXPECT_FALSE(wanted(Subject::header).body);
  EXPECT_TRUE(wanted(Subject::body).body && wanted(Subject::json).body);
  EXPECT_FALSE(wanted(Subject::size).body || wanted(Subject::duration).body || wanted(Subject::size).head);
}

}  // namespace
}  // namespace loadlab
