// Set-ups and teardowns, of a run and of its users, against a real server.
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>

#include "loadlab/plan/load_plan.h"
#include "loadlab/session/suite.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using testing_support::Answer;
using testing_support::Responder;

// Stops the suite after so many seconds, or never.
class Stopper final : public SuiteObserver {
 public:
  explicit Stopper(int after = -1) : after_(after) {}
  void test_begins(const loadlab::Test&, std::size_t, std::size_t) override {}
  void second_passed(const loadlab::Test&, const TestResult&, const Timings&) override {
    if (++seconds_ == after_) stop = true;
  }
  void test_ended(const TestResult&) override {}

  std::atomic<bool> stop = false;

 private:
  int after_;
  int seconds_ = 0;
};

// What the server was asked, in order.
class Asked {
 public:
  void note(const std::string& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::int64_t count(const std::string& beginning) const {
    const auto requests = all();
    return std::count_if(requests.begin(), requests.end(),
                         [&](const std::string& request) { return request.starts_with(beginning); });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
};

TestResult play(const std::string& yaml, const Responder& responder, int stop_after = -1) {
  Overrides overrides;
  overrides.target = responder.url();
  const auto plan = load_plan_text("target: http://127.0.0.1:1\n" + yaml, "plan.yaml", overrides);
  EXPECT_TRUE(plan) << plan.error().message;
  if (!plan) return TestResult();
  Stopper stopper(stop_after);
  return play_suite(*plan, base::SystemClock(), stopper.stop, stopper).tests.at(0);
}

// A log-in that hands out a new number each time, and pages.
class Shop {
 public:
  Responder::Handler handler() {
    return [this](const std::string& request, const std::string&) {
      asked.note(request);
      if (request != "POST /login") return Answer{request.starts_with("GET /broken") ? 500 : 200, "{}"};
      return Answer{200, "{\"token\": \"t" + std::to_string(++logins_) + "\"}"};
    };
  }
  Asked asked;

 private:
  int logins_ = 0;
};

TEST(Setup, of_the_run_comes_first_once_and_what_it_captures_is_everyone_s) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 3
duration: 1s
think: 10ms
setup:
  - {request: POST /login, capture: {token: /token}}
  - GET /seed/$(token)
steps: [GET /page/$(token)]
teardown: [DELETE /seed/$(token)]
)",
                               responder);
  const auto asked = shop.asked.all();
  ASSERT_GT(asked.size(), 5u);
  EXPECT_EQ(asked[0], "POST /login");
  EXPECT_EQ(asked[1], "GET /seed/t1");
  EXPECT_EQ(asked.back(), "DELETE /seed/t1");
  EXPECT_EQ(static_cast<std::size_t>(shop.asked.count("GET /page/t1")), asked.size() - 3);
  EXPECT_EQ(test.total.requests, asked.size() - 3) << "set-up and teardown are in none of the test's figures";
  ASSERT_TRUE(test.setup && test.teardown);
  EXPECT_EQ(test.setup->tally.requests, 2u);
  EXPECT_EQ(test.teardown->tally.requests, 1u);
  EXPECT_EQ(test.teardown->failure, "");
  EXPECT_EQ(test.steps.size(), 1u);
}

TEST(Setup, and_teardown_draw_values_of_their_own) {
  Shop shop;
  Responder responder(shop.handler());
  play(R"(
users: 1
iterations: 1
setup: ['GET /$(uuid())']
steps: [GET /page]
teardown: ['GET /$(uuid())']
)",
       responder);
  const auto asked = shop.asked.all();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked.front().size(), std::string_view("GET /").size() + 36);
  EXPECT_NE(asked.front(), asked.back());
}

TEST(Setup, of_the_run_that_fails_ends_the_test_before_it_begins) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 1
setup:
  - GET /seed
  - {name: make, request: GET /broken}
  - GET /never
steps: [GET /page]
teardown: [GET /clean]
)",
                               responder);
  EXPECT_EQ(test.verdict, Verdict::error);
  EXPECT_EQ(test.failure, "The set-up failed, so nothing was loaded: step 'make': status 500.");
  EXPECT_EQ(shop.asked.all(), (std::vector<std::string>{"GET /seed", "GET /broken"}));
  ASSERT_TRUE(test.setup);
  EXPECT_EQ(test.setup->tally.failed, 1u);
}

TEST(Setup, of_the_run_fails_on_a_check_as_a_journey_s_step_would) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 1
setup: [{request: POST /login, check: {json: {/token: t9}}}]
steps: [GET /page]
)",
                               responder);
  EXPECT_EQ(test.failure, "The set-up failed, so nothing was loaded: step 'POST /login': check: json /token = \"t9\".");
}

TEST(Setup, of_the_run_keeps_its_cookies_to_itself) {
  Responder responder(
      Responder::HeadHandler([](const std::string& request, const std::string& head, const std::string&) {
        if (request == "POST /login") return Answer{200, "", {}, false, false, false, "Set-Cookie: sid=1; Path=/\r\n"};
        return Answer{(head + "\r\n").find("\r\nCookie: sid=1\r\n") != std::string::npos ? 200 : 403, ""};
      }));
  const TestResult test = play(R"(
users: 2
iterations: 1
cookies: true
setup: [POST /login, GET /page]
steps: [{request: GET /page, check: {status: 403}}]
)",
                               responder);
  ASSERT_TRUE(test.setup);
  EXPECT_EQ(test.setup->failure, "");
  EXPECT_EQ(test.total.requests, 2u);
  EXPECT_EQ(test.total.failed, 0u);
}

TEST(Teardown, that_fails_is_told_and_changes_no_verdict) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 1
duration: 1s
think: 10ms
steps: [GET /page]
teardown: [GET /broken, GET /never]
thresholds: [error_rate < 1%]
)",
                               responder);
  ASSERT_TRUE(test.teardown);
  EXPECT_EQ(test.teardown->failure, "step 'GET /broken': status 500");
  EXPECT_TRUE(test.thresholds.at(0).passed);
  EXPECT_EQ(test.failure, "");
  EXPECT_EQ(shop.asked.count("GET /never"), 0);
}

TEST(Teardown, of_the_run_and_of_its_users_comes_after_an_interrupt_too) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 3
duration: 1h
think: 10ms
user_setup: [{request: POST /login, capture: {token: /token}}]
steps: [GET /page/$(token)]
user_teardown: [DELETE /session/$(token)]
teardown: [GET /clean]
)",
                               responder, 1);
  EXPECT_EQ(test.stopped, "interrupted");
  EXPECT_EQ(shop.asked.count("DELETE /session/t"), 3);
  EXPECT_EQ(shop.asked.all().back(), "GET /clean");
}

TEST(UserSetup, comes_once_a_user_and_what_it_captures_is_its_own) {
  Shop shop;
  Responder responder(shop.handler());
  const TestResult test = play(R"(
users: 4
iterations: 5
setup: [{request: POST /login, capture: {run: /token}}]
user_setup:
  - {request: POST /login, capture: {token: /token}}
  - GET /cart/$(run)/$(token)
steps: [GET /page/$(run)/$(token), GET /next/$(token)]
user_teardown: [DELETE /session/$(token)]
)",
                               responder);
  for (const char* token : {"t2", "t3", "t4", "t5"}) {
    EXPECT_EQ(shop.asked.count("GET /cart/t1/" + std::string(token)), 1);
    EXPECT_EQ(shop.asked.count("GET /page/t1/" + std::string(token)), 5);
    EXPECT_EQ(shop.asked.count("GET /next/" + std::string(token)), 5);
    EXPECT_EQ(shop.asked.count("DELETE /session/" + std::string(token)), 1);
  }
  EXPECT_EQ(test.total.requests, 4u * 5 * 2);
  EXPECT_EQ(test.iterations, 20u);
  EXPECT_EQ(test.user_setup.requests, 4u * 2);
  EXPECT_EQ(test.user_teardown.requests, 4u);
}

TEST(UserSetup, that_fails_is_counted_apart_and_tried_again) {
  std::atomic<int> tries = 0;
  Responder responder([&](const std::string& request, const std::string&) {
    if (request != "GET /login") return Answer{};
    return Answer{++tries <= 2 ? 503 : 200, "ok"};
  });
  const TestResult test = play(R"(
users: 1
iterations: 3
user_setup: [GET /login]
steps: [GET /page]
thresholds: [error_rate <= 0%]
)",
                               responder);
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(test.user_setup.faults.at(status_fault(503)), 2u);
  EXPECT_EQ(test.total.requests, 3u);
  EXPECT_EQ(test.total.failed, 0u);
  EXPECT_TRUE(test.thresholds.at(0).passed);
}

TEST(UserSetup, that_never_succeeds_is_an_error_that_says_why) {
  Responder responder([](const std::string&, const std::string&) { return Answer{403, "no"}; });
  for (const char* load : {"users: 2", "rate: 20/s\nmax_users: 3"}) {
    const TestResult test =
        play(std::string(load) + "\nduration: 1s\nuser_setup: [GET /login]\nsteps: [GET /page]\n", responder);
    EXPECT_EQ(test.verdict, Verdict::error);
    EXPECT_EQ(test.failure, "No user's set-up succeeded, so no request was carried out: status 403.");
  }
}

TEST(UserSetup, of_an_open_model_is_waited_for_and_every_arrival_is_accounted_for) {
  Responder responder([](const std::string& request, const std::string&) {
    return request == "GET /login" ? Answer{200, "ok", 100ms} : Answer{};
  });
  const TestResult test = play(R"(
rate: 50/s
arrivals: uniform
duration: 1s
max_users: 10
user_setup: [GET /login]
steps: [GET /page]
)",
                               responder);
  EXPECT_EQ(test.total.requests + test.dropped_iterations, 50u);
  EXPECT_GE(test.user_setup.requests, 1u);
  EXPECT_LE(test.user_setup.requests, 10u) << "once a user";
  EXPECT_GE(test.total.timings.connection_wait.max(), 90'000'000u) << "the first arrivals waited for their users";
}

}  // namespace
}  // namespace loadlab
