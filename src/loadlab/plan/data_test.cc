// Data, generated values and variables from outside, as plans say them.
#include "loadlab/plan/data.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "loadlab/plan/generated.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/slots.h"

namespace loadlab {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The text with `<slot>` for each variable.
std::string skeleton_with_slots(const Template& from) {
  std::string text;
  for (const Template::Piece& piece : from.pieces) {
    const std::string* literal = literal_of(piece);
    text += literal != nullptr ? *literal : fmt::format("<{}>", std::get<Template::Variable>(piece).slot);
  }
  return text;
}

// A folder with two files of data, and plans beside them.
class DataTest : public testing::Test {
 protected:
  DataTest() : folder_(std::filesystem::path(testing::TempDir()) / "data_test") {
    std::filesystem::create_directories(folder_);
    write("users.csv", "name,full name\nann,Ann Lee\nbob,Bob\n");
    write("items.jsonl", "{\"id\": 1}\n{\"id\": 2}\n{\"id\": 3}\n");
  }
  ~DataTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }

  base::Result<Plan> load(std::string_view yaml, const Overrides& overrides = {}) {
    return load_plan_text(yaml, folder_.string() + "/p", overrides);
  }

  loadlab::Test loaded(std::string_view yaml, const Overrides& overrides = {}) {
    auto plan = load(yaml, overrides);
    EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
    return plan ? plan->tests[0] : loadlab::Test();
  }

  // The message, with the folder's name taken out.
  std::string complaint(std::string_view lines, const Overrides& overrides = {}) {
    const auto plan = load(fmt::format("target: http://a\nusers: 1\n{}\n", lines), overrides);
    if (plan) return "accepted";
    std::string message = plan.error().message;
    const std::string folder = folder_.string() + "/";
    for (auto at = message.find(folder); at != std::string::npos; at = message.find(folder))
      message.erase(at, folder.size());
    return message;
  }

  std::filesystem::path folder_;
};

TEST_F(DataTest, a_journey_takes_the_columns_that_its_texts_name) {
  const loadlab::Test test = loaded(R"yaml(
target: http://a
users: 1
data:
  users: {file: users.csv, order: once, used_up: drop}
  items: items.jsonl
steps:
  - GET /$(items.id)/$(users.full name)
  - {request: POST /, body: $(users.name) $(items.id)}
)yaml");
  ASSERT_EQ(test.data.size(), 2u);
  EXPECT_EQ(test.data[0].order, RowOrder::once);
  EXPECT_TRUE(test.data[0].drops);
  EXPECT_EQ(test.data[1].order, RowOrder::sequential);
  EXPECT_EQ(test.data[1].table->rows(), 3u);
  const Journey& journey = test.loads[0].journeys[0];
  EXPECT_THAT(journey.variables, ElementsAre("items.id", "users.full name", "users.name"));
  ASSERT_EQ(journey.fill.rows.size(), 2u);
  EXPECT_EQ(journey.fill.rows[0].source, 1u);
  ASSERT_EQ(journey.fill.rows[1].values.size(), 2u);
  EXPECT_EQ(journey.fill.rows[1].values[0].column, 1u);
  EXPECT_EQ(journey.fill.rows[1].values[1].slot, 2u);
  EXPECT_EQ(std::get<Template::Variable>(journey.steps[0].path.pieces[1]).escaping, Escaping::percent);
}

TEST_F(DataTest, the_nearest_source_wins_and_a_file_is_read_once) {
  const auto plan = load(R"yaml(
target: http://a
data: {who: users.csv}
defaults: {duration: 1s}
tests:
  - name: one
    loads:
      - {users: 1, steps: [GET /$(who.name)]}
      - {users: 1, data: {who: items.jsonl}, steps: [GET /$(who.id)]}
  - {name: two, users: 1, steps: [GET /$(who.name)]}
)yaml");
  ASSERT_TRUE(plan) << plan.error().message;
  const auto& loads = plan->tests[0].loads;
  EXPECT_EQ(plan->tests[0].data[loads[0].journeys[0].fill.rows[0].source].file, "users.csv");
  EXPECT_EQ(plan->tests[0].data[loads[1].journeys[0].fill.rows[0].source].file, "items.jsonl");
  EXPECT_EQ(plan->tests[1].data[0].table, plan->tests[0].data[0].table);
}

TEST_F(DataTest, mistakes_are_told_with_their_place_and_the_nearest_name) {
  const std::string data = "data: {users: users.csv}\n";
  EXPECT_EQ(complaint(data + "steps: [GET /$(user.name)]"), "p:4:14: unknown data 'user'; did you mean 'users'?");
  EXPECT_EQ(complaint(data + "steps: [GET /$(users.nam)]"),
            "p:4:14: 'users' has no column 'nam'; did you mean 'name'?");
  EXPECT_EQ(complaint(data + "steps: [GET /$(users.age)]"),
            "p:4:14: 'users' has no column 'age'; it has name, full name");
  EXPECT_EQ(complaint("steps: [GET /$(users.age)]"),
            "p:3:14: unknown data 'users'; name its file under 'data', as in {users: users.csv}");
  EXPECT_THAT(complaint("steps: [GET /$(env.HOME)]"), HasSubstr("read by 'variables'"));
  write("bad.csv", "a,b\n1\n");
  EXPECT_EQ(complaint("data: {x: bad.csv}\nsteps: [GET /]"),
            "p:3:11: x: bad.csv:2:2: 1 values, where the first line names 2 columns");
  EXPECT_EQ(complaint("data: {x: none.csv}\nsteps: [GET /]"), "p:3:11: x: none.csv: No such file or directory");
  EXPECT_THAT(complaint("data: {x: a.txt}\nsteps: [GET /]"), HasSubstr("ends neither with .csv"));
  EXPECT_THAT(complaint("data: {x: {file: users.csv, order: some}}\nsteps: [GET /]"),
              HasSubstr("order: expected sequential, random, once or per_user, not 'some'"));
  EXPECT_THAT(complaint("data: {x: {file: users.csv, used_up: end}}\nsteps: [GET /]"), HasSubstr("only the rows of"));
  EXPECT_THAT(complaint("data: {x: {order: once}}\nsteps: [GET /]"), HasSubstr("no 'file'"));
}

TEST_F(DataTest, calls_are_drawn_for_each_request_and_steps_share_their_slots) {
  const Journey journey = loaded(R"yaml(
target: http://a
users: 1
headers: {X-Id: $(uuid())}
steps:
  - {request: "GET /$( random_int( -5 , 7 ) )", capture: {id: /id}}
  - {request: GET /$(id), json: {a: "$(random_choice(red, light blue))", b: "$(now())"}}
)yaml")
                              .loads[0]
                              .journeys[0];
  ASSERT_EQ(journey.steps[0].draws.size(), 2u);
  ASSERT_EQ(journey.steps[1].draws.size(), 3u);
  EXPECT_EQ(std::get<RandomInt>(journey.steps[0].draws[0].recipe).low, -5);
  EXPECT_EQ(journey.steps[0].draws[0].slot, journey.steps[1].draws[0].slot);
  EXPECT_NE(journey.steps[1].draws[0].slot, journey.steps[1].draws[1].slot);
  EXPECT_EQ(journey.variables.size(), 4u) << "three for draws and one that is captured";
  const auto& choice = std::get<RandomChoice>(journey.steps[1].draws[1].recipe);
  EXPECT_THAT(choice.choices, ElementsAre("red", "light blue"));
  EXPECT_TRUE(journey.fill.draws.empty());
}

TEST_F(DataTest, a_variable_that_holds_a_call_is_drawn_once_an_iteration) {
  const Journey journey = loaded(R"yaml(
target: http://a
users: 1
variables: {order: "o-$(counter())", plain: "a $$(b)"}
steps: [GET /$(order)/$(order), {request: POST /, body: "$(order) $(plain)"}]
)yaml")
                              .loads[0]
                              .journeys[0];
  ASSERT_EQ(journey.fill.draws.size(), 1u);
  EXPECT_EQ(journey.variables.size(), 1u);
  EXPECT_EQ(skeleton_with_slots(journey.steps[0].path), "/o-<0>/o-<0>");
  EXPECT_EQ(skeleton_with_slots(journey.steps[1].body), "o-<0> a $(b)");
  EXPECT_TRUE(journey.steps[0].draws.empty());
}

TEST_F(DataTest, json_takes_made_numbers_as_numbers_unless_they_are_quoted) {
  const Journey journey = loaded(R"yaml(
target: http://a
users: 1
steps:
  - request: POST /
    json:
      n: $(random_int(1, 9))
      text: "$(counter())"
      id: $(uuid())
      at: $(now(seconds))
)yaml")
                              .loads[0]
                              .journeys[0];
  EXPECT_EQ(skeleton_with_slots(journey.steps[0].body), R"({"n":<0>,"text":"<1>","id":"<2>","at":<3>})");
}

TEST_F(DataTest, calls_that_make_no_sense_are_told_with_their_place) {
  const auto call = [this](std::string_view text) { return complaint(fmt::format("steps: ['GET /$({})']", text)); };
  EXPECT_EQ(call("uid()"), "p:3:17: unknown function 'uid'; did you mean 'uuid'?");
  EXPECT_EQ(call("uuid"), "p:3:15: unknown variable 'uuid'; the function is called as $(uuid())");
  EXPECT_EQ(call("random_int(5, x)"), "p:3:31: random_int takes two whole numbers, as in random_int(1, 100), not 'x'");
  EXPECT_THAT(call("random_int(5)"), HasSubstr("random_int takes two whole numbers"));
  EXPECT_THAT(call("random_int(5, 4)"), HasSubstr("random_int: 5 is above 4"));
  EXPECT_THAT(call("random_string(0)"), HasSubstr("a length from 1 to 8000"));
  EXPECT_THAT(call("random_choice()"), HasSubstr("random_choice takes 1 to 100 texts"));
  EXPECT_THAT(call("now(hours)"), HasSubstr("expected now(), now(seconds) or now(milliseconds), not 'hours'"));
  EXPECT_THAT(call("uuid(4)"), HasSubstr("uuid() takes nothing"));
  EXPECT_THAT(call("frobnicate()"), HasSubstr("there are uuid, now, random_int"));
  EXPECT_THAT(complaint("steps: ['GET /$(uuid()']"), HasSubstr("'$(' without its ')'"));
  EXPECT_THAT(complaint("variables: {a: \"$(uid())\"}\nsteps: [GET /]"), HasSubstr("did you mean 'uuid'?"));
  EXPECT_THAT(complaint("variables: {a: $(b)}\nsteps: [GET /]"), HasSubstr("can't hold another variable"));
}

TEST_F(DataTest, a_journey_that_holds_too_much_is_refused) {
  std::string steps = "steps: [{request: POST /, body: '";
  for (std::size_t i = 0; i <= kMostSlots; ++i) steps += "$(uuid())";
  EXPECT_THAT(complaint(steps + "'}]"), HasSubstr("a journey has at most 200 variables"));
}

Overrides given(std::vector<std::pair<std::string, std::string>> variables) {
  Overrides overrides;
  overrides.variables = std::move(variables);
  overrides.environment = [](const std::string& name) {
    return name == "TOKEN" ? std::optional<std::string>("hunter2 &") : std::nullopt;
  };
  return overrides;
}

TEST_F(DataTest, what_the_command_line_says_of_a_variable_wins) {
  const std::string plan = R"yaml(
target: http://a
users: 1
variables: {base: /v1, who: {env: NOBODY}}
journeys:
  - {variables: {base: /v2}, steps: [GET $(base)/$(who)/$(more)]}
)yaml";
  const loadlab::Test test = loaded(plan, given({{"base", "/old"}, {"base", "/v3"}, {"who", "ann"}, {"more", "$(x)"}}));
  EXPECT_EQ(test.loads[0].journeys[0].steps[0].path.constant(), "/v3/ann/$(x)") << "the last of a name, as it is";
  EXPECT_THAT(complaint("variables: {base: a}\nsteps: [GET /]", given({{"bse", "b"}})),
              HasSubstr("-e: the plan names no variable 'bse'; did you mean 'base'?"));
}

TEST_F(DataTest, a_variable_comes_from_the_environment_or_its_default) {
  const auto path = [this](std::string_view variable) {
    return loaded(fmt::format("target: http://a\nusers: 1\nvariables: {{v: {}}}\nsteps: [GET /$(v)]\n", variable),
                  given({}))
        .loads[0]
        .journeys[0]
        .steps[0]
        .path;
  };
  EXPECT_EQ(path("{env: TOKEN}").constant(), "/hunter2%20%26") << "a secret is escaped for its place";
  EXPECT_EQ(path("{env: OTHER, default: x}").constant(), "/x");
  EXPECT_EQ(path("{value: 1, secret: true}").constant(), "/1");
  EXPECT_TRUE(std::holds_alternative<Template::Secret>(path("{value: 1, secret: true}").pieces[1]));
  EXPECT_TRUE(std::holds_alternative<Template::Secret>(path("{env: TOKEN}").pieces[1]));
  EXPECT_FALSE(std::holds_alternative<Template::Secret>(path("{env: OTHER, default: x, secret: false}").pieces[0]));
  EXPECT_EQ(complaint("variables: {v: {env: OTHER}}\nsteps: [GET /]", given({})),
            "p:3:22: v: the environment has no 'OTHER'; set it, give -e v=VALUE, or write a 'default' beside 'env'");
  EXPECT_THAT(complaint("variables: {v: {value: a, env: B}}\nsteps: [GET /]", given({})),
              HasSubstr("a variable has a"));
  EXPECT_THAT(complaint("variables: {v: {value: a, default: b}}\nsteps: [GET /]", given({})), HasSubstr("belongs to"));
}

TEST_F(DataTest, no_complaint_shows_a_secret) {
  Overrides overrides;
  const std::string secret = "hunter2\n#\x01 http://";
  overrides.environment = [&](const std::string&) { return std::optional<std::string>(secret); };
  for (const char* steps :
       {"steps: ['$(v)']", "steps: ['GET $(v)']", "steps: [{request: GET /, headers: {'$(v)': a}}]",
        "steps: ['GET http://$(v)']", "steps: ['GET /$(v) x']", "steps: [{request: GET /, headers: {A: \"$(v)\\n\"}}]",
        "steps: ['GET /$(w)']", "steps: [{request: GET /, capture: {v: /a}}]",
        "steps: [GET /]\nthresholds: ['error_rate of $(v) < 1%']"}) {
    const std::string said = complaint(fmt::format("variables: {{v: {{env: V}}}}\n{}", steps), overrides);
    EXPECT_NE(said, "accepted") << steps;
    EXPECT_THAT(said, Not(HasSubstr("hunter2"))) << steps;
  }
  overrides.environment = [](const std::string&) {
    return std::optional<std::string>("hunter2" + std::string(8000, 'x'));
  };
  EXPECT_THAT(complaint("variables: {v: {env: V}}\nsteps: [GET /]", overrides), Not(HasSubstr("hunter2")));
  for (const char* wrong : {"hunter2", "=hunter2", "a b=hunter2"}) {
    const auto variable = parse_variable(wrong);
    ASSERT_FALSE(variable);
    EXPECT_THAT(variable.error().message, Not(HasSubstr("hunter2")));
  }
  EXPECT_THAT(parse_variable("a=" + std::string(8001, 'x')).error().message, HasSubstr("a: a value is at most 8000"));
}

}  // namespace
}  // namespace loadlab
