// Users with cookies, against a server that turns away whoever comes without a session.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "loadlab/engine/played_test.h"
#include "support/responder.h"

namespace loadlab {
namespace {

using testing_support::Answer;
using testing_support::Responder;

// `POST /login` begins a session of its own each time and leads to `/home`; all else is for those who have one.
class Site {
 public:
  std::string url() const { return responder_.url(); }
  std::uint64_t connections() const { return responder_.connections(); }
  std::uint64_t logins() const { return responder_.requests("POST /login"); }
  // How many requests came with each session's cookie.
  std::map<std::string, int> visits() const {
    const std::lock_guard lock(mutex_);
    return visits_;
  }

 private:
  Answer answer(const std::string& request, const std::string& head) {
    const std::lock_guard lock(mutex_);
    if (request == "POST /login") {
      const std::string session = "sid=" + std::to_string(++sessions_);
      visits_[session] = 0;
      return {303, "", {}, false, false, false, "Location: /home\r\nSet-Cookie: " + session + "; Path=/; HttpOnly\r\n"};
    }
    const auto at = head.find("\r\nCookie: ");
    const std::string cookie = at == std::string::npos ? "" : head.substr(at + 10, head.find("\r\n", at + 2) - at - 10);
    const auto visit = visits_.find(cookie);
    if (visit == visits_.end()) return {403, "log in first"};
    ++visit->second;
    return {};
  }

  mutable std::mutex mutex_;
  int sessions_ = 0;
  std::map<std::string, int> visits_;
  Responder responder_{Responder::HeadHandler([this](const std::string& request, const std::string& head,
                                                     const std::string&) { return answer(request, head); })};
};

TestResult play(const std::string& yaml, const Site& site) {
  return played("users: 3\niterations: 4\nthreads: 2\n" + yaml, site.url());
}

constexpr const char* kUserLogsIn = "user_setup: [{request: POST /login, redirects: 1}]\nsteps: [GET /page]\n";

TEST(Cookies, of_a_log_in_in_the_user_s_set_up_are_sent_in_all_its_iterations) {
  for (const char* http : {"1.1", "{connection: per_request}"}) {
    Site site;
    const TestResult test = play(std::string(kUserLogsIn) + "cookies: true\nhttp: " + http, site);
    EXPECT_EQ(test.total.requests, 12u) << http;
    EXPECT_EQ(test.total.failed, 0u) << http;
    EXPECT_EQ(test.user_setup.failed, 0u) << http;
    EXPECT_EQ(site.logins(), 3u) << http;
    // Of each user the way to /home, and its four iterations.
    EXPECT_EQ(site.visits(), (std::map<std::string, int>{{"sid=1", 5}, {"sid=2", 5}, {"sid=3", 5}})) << http;
  }
}

TEST(Cookies, are_kept_from_one_step_to_the_next) {
  Site site;
  const TestResult test = play("cookies: true\nsteps: [POST /login, GET /page]", site);
  EXPECT_EQ(test.total.failed, 0u);
  EXPECT_EQ(site.visits().size(), 12u);
}

TEST(Cookies, are_not_kept_unless_the_plan_says_so) {
  Site site;
  const TestResult test = play("steps: [POST /login, {request: GET /page, check: {status: 403}}]", site);
  EXPECT_EQ(test.total.failed, 0u);
  EXPECT_EQ(site.visits().at("sid=1"), 0);
}

}  // namespace
}  // namespace loadlab
