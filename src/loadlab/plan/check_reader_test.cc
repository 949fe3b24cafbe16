// What is wrong with checks and captures, to the letter.
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

// The complaints about a step with these keys, which stand from column 5 of line 5 on.
std::string complaint(const std::string& keys) {
  const auto plan = load_plan_text("target: http://a\nusers: 1\nsteps:\n  - request: GET /\n    " + keys, "p", {});
  return plan ? "accepted" : plan.error().message;
}

TEST(CheckReader, names_the_key_that_was_meant) {
  EXPECT_EQ(complaint("check: {headers: {}}"), "p:5:13: unknown key 'headers'; did you mean 'header'?");
  EXPECT_EQ(complaint("check: {body: {contain: a}}"), "p:5:20: unknown key 'contain'; did you mean 'contains'?");
  EXPECT_EQ(complaint("check: {body: {exists: true}}"),
            "p:5:20: unknown key 'exists'; the keys of a check of body are equals, contains, matches");
  EXPECT_EQ(complaint("check: {json: {/a: {}}}"),
            "p:5:24: json /a: expected a condition: equals, contains, matches, exists, number, length");
}

TEST(CheckReader, says_what_a_condition_takes) {
  EXPECT_EQ(complaint("check: {header: {A B: x}}"),
            "p:5:22: header: 'A B' is not the name of a header, as in Content-Type");
  EXPECT_EQ(complaint("check: {json: {items/0: x}}"),
            "p:5:20: json: 'items/0' is not a JSON pointer; write it as in /items/0/id");
  EXPECT_EQ(complaint("check: {body: {matches: 'a('}}"),
            "p:5:29: matches: not a regular expression (RE2): missing ): a(");
  EXPECT_EQ(complaint("check: {json: {/a: {number: about 3}}}"),
            "p:5:33: number: expected a comparison with a number, as in number: \">= 1\", not 'about 3'");
  EXPECT_EQ(complaint("check: {json: {/a: {exists: maybe}}}"), "p:5:33: exists: expected true or false, not 'maybe'");
  EXPECT_EQ(complaint("check: {size: < 10}"),
            "p:5:19: size: expected <, <=, > or >= and a number with its unit, as in size: < 10KB, not '< 10'");
  EXPECT_EQ(complaint("check: {duration: 200ms}"),
            "p:5:23: duration: expected <, <=, > or >= and a number with its unit, as in duration: < 200ms, not "
            "'200ms'");
  EXPECT_EQ(complaint("check: {body: {contains: $(who)}}"),
            "p:5:30: unknown variable 'who'; no step before this one captures a variable; write $$( for a literal "
            "'$('");
}

TEST(CheckReader, more_checks_than_anyone_reads_are_refused) {
  std::string list;
  for (int i = 0; i < 101; ++i) list += fmt::format("{}{{contains: a{}}}", i == 0 ? "" : ", ", i);
  EXPECT_EQ(complaint("check: {body: [" + list + "]}"), "p:5:19: body: 101 items are too many; at most 100 are taken");
  EXPECT_EQ(complaint("check: {body: [[" + list.substr(16) + "], {contains: a}]}"),
            "p:5:12: check: a step has at most 100 checks besides its status");
}

TEST(CheckReader, captures_from_headers_and_by_pattern) {
  EXPECT_EQ(
      complaint("capture: {a: {header: Location, matches: '(\\d+)$'}, b: {matches: x}, c: {json: /id, matches: x}}"),
      "accepted");
  EXPECT_EQ(complaint("capture: {a: {headr: Location}}"),
            "p:5:18: a: expected 'json', 'header' or 'matches', as in {header: Location}\n"
            "p:5:19: unknown key 'headr'; did you mean 'header'?");
  EXPECT_EQ(complaint("capture: {a: {header: Location, json: /a}}"),
            "p:5:19: a: a capture has 'json' or 'header', not both; take one away");
  EXPECT_EQ(complaint("capture: {a: {header: 'x y'}}"),
            "p:5:27: header: 'x y' is not the name of a header, as in Location");
  EXPECT_EQ(complaint("capture: {a: {matches: '['}}"), "p:5:28: matches: not a regular expression (RE2): missing ]: [");
}

}  // namespace
}  // namespace loadlab
