// What the API tells of its own health, and its metrics, asked over a real socket of a real store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "costagent/api/api_test.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

TEST_F(ApiTest, health_and_metrics_answer) {
  for (const char* path : {"/health", "/live", "/ready", "/health/detailed", "/api/v1/health"}) {
    EXPECT_EQ(get(path).at("status"), "ok") << path;
  }
  const auto parts = get("/health/detailed").at("parts").as_object();
  EXPECT_EQ(parts.at("database").at("status"), "ok");
  EXPECT_EQ(parts.at("requests").at("status"), "ok");
  EXPECT_EQ(parts.at("requests").at("waiting"), 0);
  const auto metrics = client_->get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_THAT(metrics.header("Content-Type"), HasSubstr("text/plain"));
  EXPECT_THAT(metrics.body, HasSubstr(R"(http_requests_total{method="GET",route="/health",status="200"} 2)"));
  EXPECT_THAT(metrics.body, HasSubstr("costagent_build_info{version="));
  EXPECT_THAT(metrics.body, HasSubstr("# TYPE lock_wait_seconds_total counter"));
  EXPECT_THAT(metrics.body, HasSubstr("db_pool_size 16"));
  EXPECT_THAT(metrics.body, HasSubstr("sqlite_wal_bytes "));
  EXPECT_THAT(metrics.body, HasSubstr("\nanswer_cache_max_bytes 1000000\n"));
}

TEST_F(ApiTest, health_and_metrics_tell_what_came_of_scheduled_tasks) {
  services_->leases = &store_->leases();
  Schedule schedule(store_->leases(), clock_, {.holder = "host:7"});
  Task task;
  task.name = "sweep";
  bool fails = true;
  task.work = [&](const TaskRun&) -> base::Result<> {
    if (fails) return base::fail(base::ErrorKind::io, "no room");
    return {};
  };
  schedule.add(task);
  task.name = "scan";
  schedule.add(task);
  metrics_->watch([&schedule](auto& families) { add_schedule_metrics(schedule, families); });
  EXPECT_TRUE(get("/health/detailed").at("tasks").as_array().empty());
  schedule.run_due();
  const auto tasks = get("/health/detailed").at("tasks").as_array();
  ASSERT_EQ(tasks.size(), 2u);
  const auto& scan = tasks[0].as_object();
  EXPECT_EQ(scan.at("task"), "scan");
  EXPECT_EQ(scan.at("last_outcome"), "failed");
  EXPECT_EQ(scan.at("error"), "no room");
  EXPECT_EQ(scan.at("worker"), "host:7");
  EXPECT_EQ(scan.at("runs"), 1);
  EXPECT_TRUE(scan.at("last_finished").is_string());
  EXPECT_TRUE(scan.at("due").is_string());
  const auto metrics = client_->get("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr("task_runs_total{task=\"sweep\",outcome=\"failed\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("task_last_run_timestamp_seconds{task=\"scan\"} "));
}

TEST_F(ApiTest, health_and_metrics_tell_of_the_watched_folder) {
  EXPECT_FALSE(get("/health/detailed").at("parts").as_object().contains("watched_folder"));
  base::FakeClock then(clock_.utc() - std::chrono::seconds(100));
  WatchedFolder watched(store_->watch(), store_->facts(), *jobs_, then, {root_.string()});
  Schedule schedule(store_->leases(), then, {.holder = "host:7"});
  schedule.add(watched.task());
  services_->leases = &store_->leases();
  services_->watched = &watched;
  metrics_->watch([&watched](auto& families) { add_watch_metrics(watched.use(), families); });
  const auto part = [this] {
    return json::serialize(get("/health/detailed").at("parts").as_object().at("watched_folder"));
  };
  EXPECT_EQ(part(), R"({"status":"starting","files":{"fresh":0,"still":0,"taken":0,"passed":0,"failed":0,"gone":0}})");
  schedule.run_due();
  EXPECT_EQ(part(), R"({"status":"late","files":{"fresh":1,"still":0,"taken":0,"passed":0,"failed":0,"gone":0}})");
  then.advance(std::chrono::seconds(100));
  schedule.run_due();
  EXPECT_EQ(part(), R"({"status":"ok","files":{"fresh":0,"still":1,"taken":0,"passed":0,"failed":0,"gone":0}})");
  EXPECT_THAT(client_->get("/metrics").body,
              AllOf(HasSubstr("watched_scans_total 2\n"), HasSubstr("watched_files_seen_total 1\n"),
                    HasSubstr("watched_last_scan_timestamp_seconds ")));
  fs::remove_all(root_);
  then.advance(std::chrono::seconds(20));
  schedule.run_due();
  EXPECT_THAT(part(), HasSubstr(R"("status":"failed")"));
  EXPECT_EQ(get("/ready").at("status"), "ok") << "it answers as well as ever";
}

TEST_F(ApiTest, health_tells_the_workers) {
  EXPECT_FALSE(get("/health/detailed").contains("workers"));
  WorkerBoard board = WorkerBoard::create(2).value();
  services_->workers = &board;
  board.move_in(1, {.number = 3, .pid = 99, .serves = true, .started = base::UtcTime(std::chrono::hours(24))});
  board.counts(1).connections.set(5);
  EXPECT_EQ(json::serialize(get("/health/detailed").at("workers")),
            R"([{"worker":3,"pid":99,"serves":true,"started":"1970-01-02T00:00:00Z","restarts":0,"connections":5}])");
}

TEST_F(ApiTest, a_database_that_is_gone_is_told_and_nothing_is_written_into_the_void) {
  take_in();
  fs::remove(folder_ / "costs.db");
  EXPECT_EQ(get("/ready", 503).at("status"), "unavailable");
  EXPECT_EQ(get("/costs?customer_id=acme", 503).at("error"), "unavailable");
  EXPECT_EQ(post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"acme/bill.csv"})", 503).at("error"),
            "unavailable");
  EXPECT_EQ(get("/health").at("status"), "ok") << "the process itself is well";
}

}  // namespace
}  // namespace costagent
