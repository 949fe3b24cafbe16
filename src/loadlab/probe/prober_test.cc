#include "loadlab/probe/prober.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace loadlab {
namespace {

using namespace std::chrono_literals;

// Counts its readings; says what it is told to, or hangs until it is let go.
class ScriptedProbe final : public Probe {
 public:
  struct Script {
    std::atomic<int> readings = 0;
    std::mutex mutex;
    std::condition_variable changed;
    bool hang = false;  // from the second reading on
    bool fail = false;
    bool hanging = false;

    void await_readings(int count) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return readings >= count; });
    }
    void await_hanging() {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return hanging; });
    }
    void let_go() {
      const std::lock_guard lock(mutex);
      hang = false;
      changed.notify_all();
    }
  };

  explicit ScriptedProbe(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  std::string_view kind() const override { return "redis"; }
  const std::string& label() const override { return label_; }
  base::Result<> read(Reading& into) override {
    std::unique_lock lock(script_->mutex);
    if (script_->hang && script_->readings > 0) {
      script_->hanging = true;
      script_->changed.notify_all();
      script_->changed.wait(lock, [this] { return !script_->hang; });
    }
    ++script_->readings;
    script_->changed.notify_all();
    if (script_->fail) return base::fail(base::ErrorKind::unavailable, "refused");
    into.set("clients", script_->readings);
    return {};
  }
  std::vector<ProbeTable> tables() override { return {{"redis", label_, "commands", {}, {}}}; }

 private:
  std::shared_ptr<Script> script_;
  std::string label_ = "scripted";
};

TEST(Prober, reads_until_it_is_stopped_and_once_more) {
  auto script = std::make_shared<ScriptedProbe::Script>();
  Prober prober(std::make_unique<ScriptedProbe>(script), 1ms);
  prober.start();
  prober.await_first(base::SystemClock::monotonic_now() + 10s);
  EXPECT_GE(script->readings, 1);
  prober.begin_test(base::SystemClock::monotonic_now(), 0ns);
  script->await_readings(5);
  prober.stop();
  prober.await_end(base::SystemClock::monotonic_now() + 10s);
  const int readings = script->readings;
  const auto series = prober.series();
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(series[0].probe, "redis");
  EXPECT_EQ(series[0].label, "scripted");
  EXPECT_GE(series[0].find("clients")->summary.samples, 3u);
  EXPECT_EQ(series[0].find("clients")->summary.last, readings);
  EXPECT_EQ(prober.tables().size(), 1u);
  EXPECT_EQ(prober.complaint(), "");
}

TEST(Prober, a_probe_that_fails_is_tried_again_and_its_gap_says_why) {
  auto script = std::make_shared<ScriptedProbe::Script>();
  script->fail = true;
  Prober prober(std::make_unique<ScriptedProbe>(script), 1ms);
  prober.start();
  prober.await_first(base::SystemClock::monotonic_now() + 10s);
  prober.begin_test(base::SystemClock::monotonic_now(), 0ns);
  EXPECT_EQ(prober.complaint(), "refused");
  script->await_readings(3);
  {
    const std::lock_guard lock(script->mutex);
    script->fail = false;
  }
  script->await_readings(script->readings + 2);
  prober.stop();
  prober.await_end(base::SystemClock::monotonic_now() + 10s);
  const auto series = prober.series();
  ASSERT_EQ(series.at(0).gaps.size(), 1u);
  EXPECT_EQ(series[0].gaps[0].reason, "refused");
  EXPECT_GE(series[0].find("clients")->summary.samples, 1u);
}

TEST(Prober, a_failed_reading_is_one_gap_in_the_series_and_not_two) {
  auto script = std::make_shared<ScriptedProbe::Script>();
  script->fail = true;
  Prober prober(std::make_unique<ScriptedProbe>(script), 10s);
  prober.start();
  prober.await_first(base::SystemClock::monotonic_now() + 10s);
  prober.begin_test(base::SystemClock::monotonic_now() - 1s, 0ns);
  prober.stop();
  prober.await_end(base::SystemClock::monotonic_now() + 10s);
  EXPECT_EQ(prober.series().at(0).at.size(), static_cast<std::size_t>(script->readings));
}

TEST(Prober, a_probe_that_hangs_holds_nobody_up_and_leaves_a_gap) {
  auto script = std::make_shared<ScriptedProbe::Script>();
  script->hang = true;
  {
    Prober prober(std::make_unique<ScriptedProbe>(script), 1ms);
    prober.start();
    prober.await_first(base::SystemClock::monotonic_now() + 10s);
    prober.begin_test(base::SystemClock::monotonic_now() - 1s, 0ns);
    script->await_hanging();
    EXPECT_EQ(prober.summaries().size(), 1u) << "asked in the meantime, it answers with what there is";
    prober.stop();
    prober.await_end(base::SystemClock::monotonic_now() + 100ms);
    const auto series = prober.series();
    ASSERT_EQ(series.at(0).gaps.size(), 1u);
    EXPECT_NE(series[0].gaps[0].reason.find("hangs"), std::string::npos);
    EXPECT_EQ(series[0].find("clients")->summary.samples, 1u);
    EXPECT_TRUE(prober.tables().empty());
  }
  script->let_go();
  script->await_readings(2);
}

}  // namespace
}  // namespace loadlab
