#include "loadlab/engine/value_sources.h"

#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <thread>

#include "loadlab/engine/engine.h"
#include "loadlab/plan/load_plan.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing_support::Answer;
using testing_support::Responder;

// Rows "0", "1" … under one column.
DataSource source_of(std::size_t rows, RowOrder order, bool drops = false) {
  Table table({"n"});
  for (std::size_t i = 0; i < rows; ++i) table.append(std::to_string(i));
  return {"rows", "rows.csv", std::make_shared<const Table>(std::move(table)), order, drops};
}

// A journey with one variable from the test's first source.
Journey journey_of_rows() {
  Journey journey;
  journey.name = "journey";
  journey.variables = {"rows.n"};
  journey.fill.rows = {{0, {{0, 0}}}};
  Step step;
  step.name = "step";
  step.method = "GET";
  step.path = {{std::string("/"), Template::Variable{0, Escaping::percent}}};
  journey.steps = {step};
  return journey;
}

// What users of these numbers get, one after the other, of ten rows.
std::vector<std::string> given_out(RowOrder order, const std::vector<std::uint32_t>& users, std::uint64_t seed = 1) {
  loadlab::Test test;
  test.data = {source_of(10, order)};
  const base::FakeClock clock;
  ValueSources values(test, clock);
  const Journey journey = journey_of_rows();
  base::Random random(seed);
  std::vector<std::string> variables(1);
  std::vector<std::string> all;
  for (const std::uint32_t user : users) {
    const auto rows = values.begin(journey.fill, user, random, variables);
    all.push_back(rows == ValueSources::Rows::taken ? variables[0] : "none");
  }
  return all;
}

TEST(ValueSources, rows_are_given_out_as_their_order_says) {
  const std::vector<std::uint32_t> dozen = {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 12};
  EXPECT_THAT(given_out(RowOrder::sequential, dozen),
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1"));
  EXPECT_THAT(given_out(RowOrder::once, dozen),
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "none", "none"));
  EXPECT_THAT(given_out(RowOrder::per_user, dozen),
              ElementsAre("0", "1", "2", "0", "1", "2", "0", "1", "2", "0", "1", "2"));
  const auto random = given_out(RowOrder::random, std::vector<std::uint32_t>(1000));
  EXPECT_EQ(std::set<std::string>(random.begin(), random.end()).size(), 10u);
  EXPECT_EQ(random, given_out(RowOrder::random, std::vector<std::uint32_t>(1000))) << "the same seed, the same rows";
  EXPECT_NE(random, given_out(RowOrder::random, std::vector<std::uint32_t>(1000), 2));
}

TEST(ValueSources, no_row_is_given_out_twice_by_several_threads_that_want_each_once) {
  constexpr std::size_t kRows = 50'000;
  loadlab::Test test;
  test.data = {source_of(kRows, RowOrder::once)};
  const base::FakeClock clock;
  ValueSources values(test, clock);
  const Journey journey = journey_of_rows();
  std::vector<std::vector<std::string>> taken(4);
  std::vector<std::thread> threads;
  for (std::vector<std::string>& mine : taken) {
    threads.emplace_back([&] {
      base::Random random(1);
      std::vector<std::string> variables(1);
      while (values.begin(journey.fill, 0, random, variables) == ValueSources::Rows::taken)
        mine.push_back(variables[0]);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto& mine : taken) {
    count += mine.size();
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(count, kRows);
  EXPECT_EQ(all.size(), kRows);
}

std::string drawn(Recipe recipe, base::UtcTime now = {}, std::uint64_t seed = 1) {
  const loadlab::Test test;
  const base::FakeClock clock(now);
  ValueSources values(test, clock);
  base::Random random(seed);
  std::vector<std::string> variables(1);
  values.draw({Draw(0, std::move(recipe))}, random, variables);
  return variables[0];
}

TEST(ValueSources, values_have_the_form_of_their_kind) {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  std::set<std::string> uuids;
  std::set<std::string> numbers;
  std::set<std::string> choices;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    uuids.insert(drawn(Uuid{}, {}, seed));
    EXPECT_TRUE(std::regex_match(*uuids.rbegin(), uuid)) << *uuids.rbegin();
    numbers.insert(drawn(RandomInt{-1, 2}, {}, seed));
    choices.insert(drawn(RandomChoice{{"a", "b"}}, {}, seed));
    EXPECT_TRUE(std::regex_match(drawn(RandomString{9}, {}, seed), std::regex("[A-Za-z0-9]{9}")));
  }
  EXPECT_EQ(uuids.size(), 200u);
  EXPECT_THAT(numbers, ElementsAre("-1", "0", "1", "2"));
  EXPECT_THAT(choices, ElementsAre("a", "b"));
  EXPECT_EQ(drawn(RandomInt{INT64_MAX, INT64_MAX}), std::to_string(INT64_MAX));
  EXPECT_FALSE(drawn(RandomInt{INT64_MIN, INT64_MAX}).empty());
  EXPECT_EQ(drawn(Uuid{}), drawn(Uuid{})) << "the same seed, the same choices";
  const base::UtcTime now{std::chrono::milliseconds(1'700'000'000'123)};
  EXPECT_EQ(drawn(Now{Now::Form::text}, now), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(drawn(Now{Now::Form::seconds}, now), "1700000000");
  EXPECT_EQ(drawn(Now{Now::Form::milliseconds}, now), "1700000000123");
}

TEST(ValueSources, counted_values_are_never_the_same) {
  const loadlab::Test test;
  const base::FakeClock clock;
  ValueSources values(test, clock);
  base::Random random(1);
  std::vector<std::string> variables(2);
  const std::vector<Draw> draws = {Draw(0, Counter{}), Draw(1, Counter{})};
  values.draw(draws, random, variables);
  EXPECT_THAT(variables, ElementsAre("1", "2"));
  values.draw(draws, random, variables);
  EXPECT_THAT(variables, ElementsAre("3", "4"));
}

loadlab::Test test_against(const Responder& responder, DataSource source) {
  loadlab::Test test;
  test.name = "test";
  test.target.text = responder.url();
  test.target.host = "127.0.0.1";
  test.target.port = responder.port();
  test.threads = 2;
  test.data = {std::move(source)};
  Load load;
  load.duration = 1s;
  load.journeys = {journey_of_rows()};
  test.loads = {load};
  return test;
}

TestResult run(const loadlab::Test& test) {
  const std::atomic<bool> stop = false;
  auto result = run_load(test, base::SystemClock(), stop, [](TestResult&, const Timings&) { return true; });
  EXPECT_TRUE(result) << result.error().message;
  return result.value_or(TestResult());
}

void expect_each_row_once(const Responder& responder, std::size_t rows) {
  for (std::size_t i = 0; i < rows; ++i) EXPECT_EQ(responder.requests(fmt::format("GET /{}", i)), 1u) << i;
  EXPECT_EQ(responder.requests(), rows);
}

TEST(ValueSources, a_closed_load_ends_when_each_row_was_sent_once) {
  Responder responder;
  loadlab::Test test = test_against(responder, source_of(100, RowOrder::once));
  test.loads[0].duration = 60s;
  test.loads[0].model = ClosedLoad{LevelProfile::steady(5, 0s, 60s), {}, {}};
  const TestResult result = run(test);
  expect_each_row_once(responder, 100);
  EXPECT_EQ(result.iterations, 100u);
  EXPECT_LT(result.seconds, 30) << "it doesn't wait for its duration";
  EXPECT_EQ(result.stopped, "the data of 'rows' was used up: each of its 100 rows was given out once");
}

TEST(ValueSources, an_open_load_ends_or_drops_when_each_row_was_sent_once) {
  for (const bool drops : {false, true}) {
    Responder responder;
    loadlab::Test test = test_against(responder, source_of(50, RowOrder::once, drops));
    const auto duration = drops ? 1s : 60s;
    OpenLoad load;
    load.rate = LevelProfile::steady(200, 0s, duration);
    load.arrivals = Arrivals::uniform;
    test.loads[0].duration = duration;
    test.loads[0].model = load;
    const TestResult result = run(test);
    expect_each_row_once(responder, 50);
    EXPECT_EQ(result.iterations, 50u);
    EXPECT_EQ(result.dropped_iterations, drops ? 150u : 0u);
    EXPECT_EQ(result.stopped.empty(), drops);
    EXPECT_EQ(result.notes.size(), drops ? 1u : 0u);
    EXPECT_LT(result.seconds, 30);
  }
}

TEST(ValueSources, a_user_keeps_its_row_and_a_step_gets_values_of_its_own) {
  Responder responder([](const std::string&, const std::string&) { return Answer{200, "ok", 5ms}; });
  loadlab::Test test = test_against(responder, source_of(100, RowOrder::per_user));
  Journey& journey = test.loads[0].journeys[0];
  journey.variables.emplace_back();
  Step second = journey.steps[0];
  second.path = {{std::string("/count/"), Template::Variable{1, Escaping::percent}}};
  second.draws = {Draw(1, Counter{})};
  journey.steps.push_back(second);
  test.loads[0].duration = 300ms;
  test.loads[0].model = ClosedLoad{LevelProfile::steady(4, 0s, 300ms), {}, {}};
  const TestResult result = run(test);
  std::uint64_t rows = 0;
  for (int user = 0; user < 4; ++user) rows += responder.requests(fmt::format("GET /{}", user));
  EXPECT_EQ(rows, result.iterations) << "none but the first four rows are asked for";
  std::uint64_t counted = 0;
  for (std::uint64_t i = 1; i <= result.iterations; ++i) counted += responder.requests(fmt::format("GET /count/{}", i));
  EXPECT_EQ(counted, result.total.requests - rows);
  EXPECT_LE(responder.requests("GET /count/1"), 1u);
}

}  // namespace
}  // namespace loadlab
