// The calls of the API, asked over a real socket of a real store.
#include "costagent/api/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "costagent/api/cache_metrics.h"
#include "costagent/api/http_server.h"
#include "costagent/api/raw_client.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/queue/store_queue.h"
#include "costagent/service/ingest.h"
#include "costagent/service/jobs.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using testing::HasSubstr;

constexpr const char* kHeader =
    "ProviderName,ServiceName,RegionId,ResourceId,ResourceName,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd,SubAccountId\n";
constexpr int kDays = 120;

base::Day day(int i) { return base::parse_day("2025-01-01").value() + std::chrono::days(i); }

// Customer acme: 120 days, a steady machine (10 a day), an idle one (2.50), and storage (0.1) that costs 5 on one day.
std::string bill() {
  std::string text = kHeader;
  const auto line = [&](int i, const char* service, const char* resource, const char* cost) {
    text += fmt::format("AWS,{},eu-west-1,{},name-{},{},{},USD,Usage,{}T00:00:00Z,{}T00:00:00Z,1234\n", service,
                        resource, resource, cost, cost, base::format_day(day(i)), base::format_day(day(i + 1)));
  };
  for (int i = 0; i < kDays; ++i) {
    line(i, "EC2", "i-busy", "10");
    line(i, "EC2", "i-idle", "2.50");
    line(i, "S3", "bucket", i == 100 ? "5" : "0.1");
  }
  return text;
}

std::string utilisation() {
  std::string text = "ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n";
  for (int hour = 0; hour < 30 * 24; ++hour) {
    const auto time = base::format_time(base::Seconds(day(kDays - 30)) + std::chrono::hours(hour));
    text += fmt::format("i-busy,{},70,60,900000000,1000\ni-idle,{},0.5,4,1000,10\n", time, time);
  }
  return text;
}

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    std::string name = (fs::temp_directory_path() / "api-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    root_ = folder_ / "bills";
    fs::create_directories(root_ / "acme");
    write(root_ / "acme" / "bill.csv", bill());
    write(folder_ / "utilisation.csv", utilisation());
    write(folder_ / "outside.csv", bill());
    fs::create_symlink(folder_ / "outside.csv", root_ / "link.csv");
    fs::create_symlink(root_ / "acme" / "bill.csv", root_ / "inner.csv");
    store_ = open_store("sqlite:" + (folder_ / "costs.db").string()).value();
    jobs_.emplace(store_->jobs(), clock_, StoreQueueOptions{.seed = 7});
    spool_.emplace(SpoolOptions{(folder_ / "spool").string(), 0});
    collection_.emplace(store_->facts(), *jobs_, CollectionPlaces{root_.string(), &*spool_});
    JobRunnerOptions runner_options;
    runner_options.heartbeat = std::chrono::milliseconds(5);
    runner_.emplace(*jobs_, clock_, runner_options);
    runner_->register_kind(
        Collection::kKind, [this](const Job& job, JobContext& context) { return collection_->run(job, context); },
        [this](const Job& job) { collection_->ended(job); });
    runner_->register_kind("held", [this](const Job&, JobContext& context) -> base::Result<std::string> {
      context.progress(0.5, "holding on");
      while (!context.cancelled() && !let_go_) std::this_thread::yield();
      if (context.cancelled()) return base::fail(base::ErrorKind::cancelled, "cut short");
      return "{}";
    });
    services_.emplace(
        Services{store_->facts(), store_->state(), store_->feedback(), *jobs_, *collection_, answers_, clock_});
    router_ = make_router(*services_);
    auto patterns = router_.patterns();
    patterns.emplace_back("/metrics");
    metrics_.emplace(std::move(patterns));
    metrics_->watch_database([this] { return store_->use(); });
    metrics_->watch([this](auto& families) { add_cache_metrics(answers_.use(), families); });
    metrics_->watch([this](auto& families) { add_job_metrics(runner_->use(), families); });
    add_metrics_route(router_, *metrics_);
    ServerOptions options;
    options.worker_threads = 2;
    server_ = HttpServer::start(options, router_, *metrics_, clock_).value();
    client_.emplace(server_->port());
    runner_->start();
  }

  ~ApiTest() override {
    client_.reset();
    server_.reset();
    let_go_ = true;
    runner_.reset();
    jobs_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  static void write(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

  IngestReport ingest(const fs::path& path, Restatement restatement = Restatement::by_days) {
    const std::string file = path.string();
    return ingest_files(store_->facts(), {"acme", restatement}, {&file, 1}).value();
  }
  void take_in() {
    ASSERT_EQ(ingest(root_ / "acme" / "bill.csv").charges, 3u * kDays);
    ingest(folder_ / "utilisation.csv");
  }

  static json::object object(const RawResponse& response, int status = 200) {
    EXPECT_EQ(response.status, status) << response.body;
    auto value = json::parse(response.body);
    return value.is_object() ? value.get_object() : json::object();
  }
  json::object get(const std::string& target, int status = 200) { return object(client_->get(target), status); }
  json::object remove(const std::string& target, int status = 200) {
    return object(client_->ask("DELETE " + target + " HTTP/1.1\r\nHost: test\r\n\r\n"), status);
  }
  json::object post(const std::string& target, const std::string& body, int status = 200) {
    return object(client_->post(target, body), status);
  }

  // The field that an error names.
  static std::string field_of(const json::object& error) {
    const auto* field = error.at("details").as_object().if_contains("field");
    return field == nullptr ? "" : std::string(field->as_string());
  }
  void expect_bad_field(const json::object& error, const std::string& field) {
    EXPECT_EQ(error.at("error"), "invalid_field");
    EXPECT_EQ(field_of(error), field) << json::serialize(error);
  }

  fs::path folder_;
  fs::path root_;
  base::SystemClock clock_;
  std::unique_ptr<Store> store_;
  std::optional<StoreQueue> jobs_;
  std::optional<Spool> spool_;
  std::optional<Collection> collection_;
  std::optional<JobRunner> runner_;
  std::atomic<bool> let_go_{false};
  MemoryCache answers_{{.max_bytes = 1'000'000}, clock_};
  std::optional<Services> services_;
  Router router_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<HttpServer> server_;
  std::optional<RawClient> client_;
};

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

TEST_F(ApiTest, costs_are_exact_and_default_to_the_last_90_days) {
  take_in();
  auto costs = get("/costs?customer_id=acme");
  EXPECT_EQ(costs.at("start_date"), "2025-01-31");
  EXPECT_EQ(costs.at("end_date"), "2025-04-30");
  const auto& total = costs.at("total").as_array().at(0).as_object();
  EXPECT_EQ(total.at("effective_cost"), "1138.9");  // 90 × 12.60 + 4.90
  EXPECT_EQ(total.at("currency"), "USD");
  EXPECT_EQ(costs.at("costs").as_array().size(), 1u);

  costs = get("/costs?customer_id=acme&start_date=2025-04-11&end_date=2025-04-11&group_by=service%2Cregion");
  const auto& rows = costs.at("costs").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("service"), "EC2");
  EXPECT_EQ(rows[0].at("billed_cost"), "12.5");
  EXPECT_EQ(rows[1].at("service"), "S3");
  EXPECT_EQ(rows[1].at("region"), "eu-west-1");
  EXPECT_EQ(rows[1].at("billed_cost"), "5");
}

TEST_F(ApiTest, costs_come_in_pages_that_hold_everything_once) {
  take_in();
  std::string cursor;
  base::Decimal sum;
  int rows = 0;
  do {
    const auto page = get("/costs?customer_id=acme&granularity=daily&group_by=resource&limit=50&cursor=" + cursor);
    EXPECT_LE(page.at("costs").as_array().size(), 50u);
    EXPECT_EQ(page.at("total").as_array()[0].at("billed_cost"), "1138.9") << "of everything, whatever the page";
    for (const auto& row : page.at("costs").as_array()) {
      ++rows;
      sum += base::Decimal::parse(std::string(row.at("billed_cost").as_string())).value();
    }
    cursor = page.at("next_cursor").is_null() ? "" : std::string(page.at("next_cursor").as_string());
  } while (!cursor.empty());
  EXPECT_EQ(rows, 270);
  EXPECT_EQ(sum.to_string(), "1138.9");
}

// Two hours of two machines, of which one is reserved, and an hour of the reservation that nobody used.
std::string committed_bill() {
  std::string text =
      "ProviderName,ServiceName,ServiceCategory,RegionId,ResourceId,ResourceType,SkuId,SkuMeter,PricingCategory,"
      "CommitmentDiscountId,CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,PricingUnit,ListUnitPrice,"
      "ContractedUnitPrice,BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,ChargeCategory,"
      "ChargePeriodStart,ChargePeriodEnd,SubAccountId,Tags\n";
  const auto line = [&](int hour, const char* resource, const char* commitment, const char* costs) {
    text += fmt::format(
        "AWS,EC2,Compute,eu-west-1,{},Instance,SKU1,BoxUsage,{},1,Hours,Hours,0.1,0.09,{},USD,Usage,"
        "2025-05-01T{:02}:00:00Z,2025-05-01T{:02}:00:00Z,1234,\"{{\"\"team\"\": \"\"web\"\"}}\"\n",
        resource, commitment, costs, hour, hour + 1);
  };
  for (int hour = 0; hour < 2; ++hour) {
    line(hour, "i-paid", "Standard,,", "0.09,0.09,0.1,0.09");
    line(hour, "i-reserved", "Committed,ri-1,Used", "0,0.06,0.1,0.09");
  }
  line(2, "", "Committed,ri-1,Unused", "0,0.04,0.1,0.09");
  return text;
}

TEST_F(ApiTest, commitments_tell_how_much_is_covered_and_used) {
  write(root_ / "committed.csv", committed_bill());
  ASSERT_EQ(ingest(root_ / "committed.csv").charges, 5u);
  auto answer = get("/costs/commitments?customer_id=acme");
  auto rows = answer.at("commitments").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("commitment"), "");
  EXPECT_EQ(rows[0].at("on_demand").at("billed_cost"), "0.18");
  EXPECT_TRUE(rows[0].at("utilisation_percent").is_null());
  EXPECT_EQ(rows[1].at("commitment"), "ri-1");
  EXPECT_EQ(rows[1].at("used").at("effective_cost"), "0.12");
  EXPECT_EQ(rows[1].at("unused").at("effective_cost"), "0.04");
  EXPECT_DOUBLE_EQ(rows[1].at("utilisation_percent").to_number<double>(), 75);
  const auto& total = answer.at("total").as_array().at(0);
  EXPECT_DOUBLE_EQ(total.at("coverage_percent").to_number<double>(), 50);
  EXPECT_EQ(total.at("quantities").as_array().at(0).at("unused"), "1");

  answer = get("/costs/commitments?customer_id=acme&granularity=hourly&group_by=service&limit=2");
  rows = answer.at("commitments").as_array();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].at("hour"), "2025-05-01T00:00:00Z");
  EXPECT_EQ(rows[1].at("service"), "EC2");
  EXPECT_EQ(answer.at("next_cursor"), "2");
  const auto bad = [&](const char* more, const char* field) {
    expect_bad_field(get(std::string("/costs/commitments?customer_id=acme&") + more, 422), field);
  };
  bad("group_by=sku", "group_by");
  bad("granularity=weekly", "granularity");
  bad("granularity=hourly&start_date=2025-01-01&end_date=2025-02-01", "start_date");
}

TEST_F(ApiTest, prices_and_resources_are_listed_and_filtered) {
  take_in();
  write(root_ / "committed.csv", committed_bill());
  ingest(root_ / "committed.csv");
  const auto prices = get("/prices?customer_id=acme&sku=SKU1&pricing_category=Standard").at("prices").as_array();
  ASSERT_EQ(prices.size(), 1u);
  EXPECT_EQ(prices[0].at("list_unit_price"), "0.1");
  EXPECT_EQ(prices[0].at("contracted_unit_price"), "0.09");
  EXPECT_EQ(prices[0].at("unit"), "Hours");
  EXPECT_EQ(prices[0].at("first_seen"), "2025-05-01");
  EXPECT_TRUE(get("/prices?customer_id=acme&region=nowhere").at("prices").as_array().empty());

  std::set<std::string> seen;
  std::string cursor;
  do {
    const auto page = get("/resources?customer_id=acme&limit=2&cursor=" + cursor);
    for (const auto& row : page.at("resources").as_array())
      EXPECT_TRUE(seen.insert(std::string(row.at("resource_id").as_string())).second);
    cursor = page.at("next_cursor").is_null() ? "" : std::string(page.at("next_cursor").as_string());
  } while (!cursor.empty());
  EXPECT_EQ(seen, (std::set<std::string>{"i-busy", "i-idle", "bucket", "i-paid", "i-reserved"}));
  const auto tagged = get("/resources?customer_id=acme&tag:team=web&resource=i-paid").at("resources").as_array();
  ASSERT_EQ(tagged.size(), 1u);
  EXPECT_EQ(tagged[0].at("tags").at("team"), "web");
  EXPECT_EQ(tagged[0].at("type"), "Instance");
  EXPECT_EQ(tagged[0].at("last_billed"), "2025-05-01");
  expect_bad_field(get("/resources?customer_id=acme&cursor=x", 422), "cursor");
  expect_bad_field(get("/prices?customer_id=acme&resource=x", 422), "resource");
}

TEST_F(ApiTest, bad_parameters_are_named) {
  take_in();
  const std::pair<const char*, const char*> wrong[] = {
      {"", "customer_id"},
      {"customer_id=a%20b", "customer_id"},
      {"customer_id=acme&start_date=2025-02-30", "start_date"},
      {"customer_id=acme&end_date=yesterday", "end_date"},
      {"customer_id=acme&start_date=2025-02-02&end_date=2025-02-01", "start_date"},
      {"customer_id=acme&start_date=2020-01-01&end_date=2025-01-01", "end_date"},
      {"customer_id=acme&start_date=0001-01-01", "start_date"},
      {"customer_id=acme&group_by=service,colour", "group_by"},
      {"customer_id=acme&granularity=hourly", "granularity"},
      {"customer_id=acme&limit=51", "limit"},
      {"customer_id=acme&limit=0", "limit"},
      {"customer_id=acme&limit=1e3", "limit"},
      {"customer_id=acme&limit=99999999999999999999", "limit"},
      {"customer_id=acme&cursor=-1", "cursor"},
      {"customer_id=acme&cursor=abc", "cursor"},
      {"customer_id=acme&customer_id=other", "customer_id"},
      {"customer_id=acme&granularty=daily", "granularty"},
  };
  for (const auto& [query, field] : wrong) expect_bad_field(get(std::string("/costs?") + query, 422), field);
  EXPECT_THAT(json::serialize(get("/costs?customer_id=acme&granularty=daily", 422)),
              HasSubstr("did you mean 'granularity'"));
  EXPECT_EQ(get("/costs?customer_id=%zz", 400).at("error"), "invalid_request");
}

TEST_F(ApiTest, an_unknown_customer_is_named_everywhere) {
  for (const auto& error : {get("/costs?customer_id=nobody", 404), post("/analyze", R"({"customer_id":"nobody"})", 404),
                            post("/recommendations", R"({"customer_id":"nobody"})", 404)}) {
    EXPECT_EQ(error.at("error"), "not_found");
    EXPECT_EQ(field_of(error), "customer_id");
  }
}

TEST_F(ApiTest, analysis_finds_the_day_that_cost_more) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly","trend","forecast"],"sensitivity":"high"})");
  const auto& summary = report.at("summary").as_object();
  EXPECT_EQ(summary.at("days"), 61);
  EXPECT_EQ(summary.at("total").as_array()[0].at("effective_cost"), "773.5");
  EXPECT_EQ(summary.at("top_services").as_array()[0].at("service"), "EC2");
  const auto& anomalies = report.at("anomalies").as_array();
  ASSERT_EQ(anomalies.size(), 2u) << "of the total and of the service";
  for (const auto& anomaly : anomalies) {
    EXPECT_EQ(anomaly.at("kind"), "spike");
    EXPECT_EQ(anomaly.at("start_date"), "2025-04-11");
    EXPECT_EQ(anomaly.at("end_date"), "2025-04-11");
    EXPECT_EQ(anomaly.at("impact"), "4.9");
  }
  ASSERT_EQ(report.at("incidents_found"), 1);
  const auto& incident = report.at("incidents").as_array()[0].as_object();
  EXPECT_EQ(incident.at("impact"), "4.9");
  EXPECT_EQ(incident.at("slice").as_object().at("service"), "S3") << "the part, rather than the total that it raises";
  EXPECT_EQ(incident.at("causes").as_array().size(), 2u);
  EXPECT_EQ(report.at("trends").as_array()[0].at("direction"), "level");
  const auto& forecast = report.at("forecasts").as_array()[0].as_object();
  EXPECT_EQ(forecast.at("start_date"), "2025-05-01");
  EXPECT_NEAR(std::stod(std::string(forecast.at("cost").as_string())), 30 * 12.6, 0.01);
}

TEST_F(ApiTest, forecasts_of_services_add_up_to_the_total_which_lands_within_a_budget) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","analysis_types":["forecast"],"forecast_services":5,)"
                                       R"("monthly_budget":"300"})");
  const auto& forecasts = report.at("forecasts").as_array();
  ASSERT_GE(forecasts.size(), 2u);
  const auto cost = [](const json::value& of) { return std::stod(std::string(of.at("cost").as_string())); };
  for (std::size_t day = 0; day < 30; ++day) {
    double sum = 0;
    for (std::size_t i = 1; i < forecasts.size(); ++i) sum += cost(forecasts[i].at("days").as_array()[day]);
    EXPECT_NEAR(sum, cost(forecasts[0].at("days").as_array()[day]), 1e-3);
  }
  EXPECT_EQ(forecasts[1].at("slice").at("service"), "EC2");
  const auto& landing = forecasts[0].at("month_end");
  EXPECT_EQ(landing.at("start_date"), "2025-05-01");
  EXPECT_EQ(landing.at("end_date"), "2025-05-31");
  EXPECT_NEAR(cost(landing), 31 * 12.6, 1);
  EXPECT_GT(landing.at("chance_over_budget").as_double(), 0.9);
  EXPECT_EQ(landing.at("budget_passed"), "2025-05-24");
}

TEST_F(ApiTest, more_forecasts_than_an_answer_holds_are_refused_with_a_way_to_narrow) {
  take_in();
  const auto error = post("/analyze", R"({"customer_id":"acme","forecast_services":101})", 422);
  EXPECT_EQ(field_of(error), "forecast_services");
  EXPECT_THAT(json::serialize(error), HasSubstr("one `provider` at a time"));
  EXPECT_EQ(field_of(post("/analyze", R"({"customer_id":"acme","monthly_budget":-1})", 422)), "monthly_budget");
}

TEST_F(ApiTest, an_analysis_is_repeated_from_memory_until_the_customers_facts_change) {
  take_in();
  const std::string question = R"({"customer_id": "acme", "analysis_types": ["anomaly"]})";
  const auto first = post("/analyze", question);
  EXPECT_GT(answers_.use().bytes, 0u);
  const auto kept = answers_.use().bytes;
  EXPECT_EQ(post("/analyze", question), first);
  EXPECT_EQ(answers_.use().bytes, kept) << "the second answer is the first";
  EXPECT_NE(post("/analyze", R"({"customer_id": "acme", "analysis_types": ["trend"]})"), first);

  write(folder_ / "more.csv",
        bill() + "AWS,EC2,eu-west-1,i-new,new,1000,1000,USD,Usage,2025-03-01T00:00:00Z,2025-03-02T00:00:00Z,1234\n");
  ingest(folder_ / "more.csv");
  EXPECT_NE(post("/analyze", question), first) << "another bill is another answer";
}

TEST_F(ApiTest, analysis_answers_only_what_is_asked) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","analysis_types":["trend"]})");
  EXPECT_FALSE(report.contains("anomalies"));
  EXPECT_FALSE(report.contains("forecasts"));
  EXPECT_TRUE(report.contains("trends"));
  EXPECT_TRUE(post("/analyze", R"({"customer_id":"acme","provider":"None"})").at("anomalies").as_array().empty());
}

TEST_F(ApiTest, levels_are_asked_for_by_name_and_slices_bear_what_holds_them) {
  take_in();
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly"],"levels":["total","resource"]})");
  const auto& incident = report.at("incidents").as_array().at(0).as_object();
  const auto& slice = incident.at("slice").as_object();
  EXPECT_EQ(slice.at("resource"), "bucket");
  EXPECT_EQ(slice.at("service"), "S3");
  EXPECT_EQ(slice.at("region"), "eu-west-1");
  EXPECT_EQ(incident.at("anomaly_id").as_string().size(), 16u);
  EXPECT_TRUE(incident.at("within").as_array().empty()) << "there is no usage type in this bill";
  EXPECT_EQ(field_of(post("/analyze", R"({"customer_id":"acme","levels":["planet"]})", 422)), "levels");
}

TEST_F(ApiTest, an_incident_that_was_answered_is_told_no_more_until_the_answer_is_taken_back) {
  take_in();
  const std::string question =
      R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30","analysis_types":["anomaly"]})";
  const auto before = post("/analyze", question);
  ASSERT_EQ(before.at("incidents").as_array().size(), 1u);
  EXPECT_EQ(before.at("incidents").as_array()[0].at("within").as_array().at(0).at("resource"), "bucket");
  const std::string id(before.at("incidents").as_array()[0].at("anomaly_id").as_string());
  const auto given = post(
      "/feedback", R"({"customer_id":"acme","kind":"expected","anomaly_id":")" + id + R"(","note":"a copy"})", 201);
  EXPECT_EQ(given.at("slice").at("service"), "S3");
  EXPECT_EQ(given.at("start_date"), "2025-04-11");
  const auto after = post("/analyze", question);
  EXPECT_TRUE(after.at("incidents").as_array().empty()) << "an answer kept from before is of no use";
  EXPECT_EQ(after.at("incidents_answered"), 1);
  const auto list = get("/feedback?customer_id=acme");
  ASSERT_EQ(list.at("feedback").as_array().size(), 1u);
  EXPECT_EQ(list.at("feedback").as_array()[0], given);
  const std::string feedback(given.at("feedback_id").as_string());
  EXPECT_EQ(remove("/feedback/" + feedback), given);
  EXPECT_EQ(post("/analyze", question), before);
  remove("/feedback/" + feedback, 404);
}

TEST_F(ApiTest, a_planned_event_is_told_with_what_it_cost) {
  take_in();
  const auto given = post("/feedback",
                          R"({"customer_id":"acme","kind":"planned_event","slice":{"service":"S3"},)"
                          R"("start_date":"2025-04-11","note":"the launch"})",
                          201);
  const auto report = post("/analyze", R"({"customer_id":"acme","start_date":"2025-03-01","end_date":"2025-04-30",)"
                                       R"("analysis_types":["anomaly"]})");
  EXPECT_TRUE(report.at("incidents").as_array().empty());
  const auto& event = report.at("planned_events").as_array().at(0).as_object();
  EXPECT_EQ(event.at("feedback_id"), given.at("feedback_id"));
  EXPECT_EQ(event.at("note"), "the launch");
  EXPECT_EQ(event.at("expected_cost"), "0.1");
  EXPECT_EQ(event.at("actual_cost"), "5");
}

TEST_F(ApiTest, feedback_that_is_wrong_is_refused_and_named) {
  take_in();
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"customer_id":"acme"})", "kind"},
      {R"({"customer_id":"acme","kind":"nonsense"})", "kind"},
      {R"({"customer_id":"acme","kind":"expected"})", "start_date"},
      {R"({"customer_id":"acme","kind":"exclude","slice":{"planet":"earth"}})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","slice":["service"]})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","slice":{"service":1}})", "slice"},
      {R"({"customer_id":"acme","kind":"exclude","anomaly_id":"1","start_date":"2025-01-01"})", "anomaly_id"},
      {R"({"customer_id":"acme","kind":"planned_event","start_date":"2025-01-01","expected_change_percent":-100})",
       "expected_change_percent"},
      {R"({"customer_id":"acme","kind":"exclude","expected_change_percent":10})", "expected_change_percent"},
  };
  for (const auto& [body, field] : wrong) expect_bad_field(post("/feedback", body, 422), field);
  EXPECT_EQ(field_of(post("/feedback", R"({"customer_id":"acme","kind":"expected","anomaly_id":"none"})", 404)),
            "anomaly_id");
  EXPECT_EQ(field_of(post("/feedback", R"({"customer_id":"nobody","kind":"exclude"})", 404)), "customer_id");
}

TEST_F(ApiTest, an_analysis_is_kept_until_another_bill_comes) {
  take_in();
  const std::string body = R"({"customer_id":"acme","start_date":"2025-04-11","end_date":"2025-04-11"})";
  const auto first = post("/analyze", body);
  EXPECT_EQ(post("/analyze", body), first);
  EXPECT_GT(answers_.use().bytes, 0u);
  write(root_ / "more.csv", kHeader + std::string("AWS,S3,eu-west-1,bucket,b,1,1,USD,Usage,2025-04-11T00:00:00Z,"
                                                  "2025-04-12T00:00:00Z,1234\n"));
  ingest(root_ / "more.csv", Restatement::add);
  EXPECT_EQ(post("/analyze", body).at("summary").at("total").as_array()[0].at("effective_cost"), "18.5");
  EXPECT_EQ(first.at("summary").at("total").as_array()[0].at("effective_cost"), "17.5");
}

TEST_F(ApiTest, bodies_that_are_wrong_are_refused_and_named) {
  take_in();
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"), std::string("{}}"),
        std::string("\xff"), std::string("{\"customer_id\":\"\xc3\x28\"}"), std::string("{\"customer_id\":\"acme\",}"),
        "{\"customer_id\":" + std::string(1000, '[') + std::string(1000, ']') + "}", std::string(5000, '{'),
        std::string(R"({"customer_id":"acme","customer_id":"other"})"),
        std::string(R"({"customer_id":"acme","a":{"b":":\\\":","\u0062":1}})"),
        std::string("{\"customer_id\":\"\\ud800\"}"), std::string("{\"a\":1e999999999}x")}) {
    EXPECT_EQ(post("/analyze", body, 400).at("error"), "invalid_request") << body.substr(0, 40);
  }
  const std::pair<const char*, const char*> wrong[] = {
      {R"({})", "customer_id"},
      {R"({"customer_id":7})", "customer_id"},
      {R"({"customer_id":null})", "customer_id"},
      {R"({"customer_id":"acme","start_date":"2020-01-01","end_date":"2024-12-31"})", "end_date"},
      {R"({"customer_id":"acme","start_date":20250101})", "start_date"},
      {R"({"customer_id":"acme","end_date":"0000-01-01"})", "end_date"},
      {R"({"customer_id":"acme","end_date":"2100-01-01"})", "end_date"},
      {R"({"customer_id":":\"acme:"})", "customer_id"},
      {R"({"customer_id":"acme","analysis_types":"anomaly"})", "analysis_types"},
      {R"({"customer_id":"acme","analysis_types":["anomaly",1]})", "analysis_types"},
      {R"({"customer_id":"acme","analysis_types":["magic"]})", "analysis_types"},
      {R"({"customer_id":"acme","sensitivity":"extreme"})", "sensitivity"},
      {R"({"customer_id":"acme","sensitivty":"low"})", "sensitivty"},
  };
  for (const auto& [body, field] : wrong) expect_bad_field(post("/analyze", body, 422), field);
  const std::string many = R"({"customer_id":"acme","provider":")" + std::string(300, 'x') + R"("})";
  expect_bad_field(post("/analyze", many, 422), "provider");
}

TEST_F(ApiTest, recommendations_name_what_is_idle_and_keep_their_ids) {
  take_in();
  const auto page = post("/recommendations", R"({"customer_id":"acme"})");
  ASSERT_EQ(page.at("recommendations").as_array().size(), 1u);
  const auto first = page.at("recommendations").as_array()[0].as_object();
  EXPECT_EQ(first.at("type"), "idle_resource");
  EXPECT_EQ(first.at("resource_id"), "i-idle");
  EXPECT_EQ(first.at("monthly_savings"), "76.09");
  EXPECT_EQ(first.at("status"), "open");
  EXPECT_TRUE(page.at("next_cursor").is_null());
  const std::string id(first.at("recommendation_id").as_string());
  EXPECT_EQ(get("/recommendations/" + id), first);
  EXPECT_EQ(post("/recommendations", R"({"customer_id":"acme"})").at("recommendations").as_array()[0], first);
}

TEST_F(ApiTest, sums_beyond_what_one_line_may_cost_are_exact) {
  take_in();
  std::string bill = kHeader;
  for (int i = 0; i < kDays; ++i) {
    bill += fmt::format(
        "AWS,EC2,eu-west-1,i-idle,idle,999999999999999999,999999999999999999,USD,Usage,{}T00:00:00Z,{}T00:00:00Z,"
        "1234\n",
        base::format_day(day(i)), base::format_day(day(i + 1)));
  }
  write(folder_ / "large.csv", bill);
  ASSERT_EQ(ingest(folder_ / "large.csv", Restatement::add).charges, 1u * kDays);
  const auto summary = post("/analyze", R"({"customer_id":"acme","start_date":"2025-01-01","end_date":"2025-01-10"})")
                           .at("summary")
                           .at("total")
                           .as_array()[0]
                           .as_object();
  EXPECT_EQ(summary.at("effective_cost"), "10000000000000000116");
  EXPECT_EQ(summary.at("daily_average"), "1000000000000000011.6");
  EXPECT_EQ(get("/costs?customer_id=acme&start_date=2025-01-01&end_date=2025-01-10").at("total").as_array().size(), 1u);
  const auto advice = post("/recommendations", R"({"customer_id":"acme"})").at("recommendations").as_array()[0];
  EXPECT_EQ(advice.at("monthly_savings"), "30437500000000000045.66");
  EXPECT_EQ(get("/recommendations/" + std::string(advice.at("recommendation_id").as_string())), advice);
}

TEST_F(ApiTest, recommendations_are_filtered) {
  take_in();
  const auto count = [&](const std::string& filter) {
    return post("/recommendations", R"({"customer_id":"acme",)" + filter + "}").at("found").to_number<int>();
  };
  EXPECT_EQ(count(R"("min_savings":76.09)"), 1);
  EXPECT_EQ(count(R"("min_savings":"76.10")"), 0);
  EXPECT_EQ(count(R"("types":["rightsize"])"), 0);
  EXPECT_EQ(count(R"("types":["rightsize","idle_resource"],"risk_tolerance":"low")"), 1);
  EXPECT_EQ(count(R"("provider":"Azure")"), 0);
  EXPECT_TRUE(
      post("/recommendations", R"({"customer_id":"acme","cursor":"1"})").at("recommendations").as_array().empty());
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","min_savings":-1})", 422), "min_savings");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","min_savings":1e400})", 422), "min_savings");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","limit":"5"})", 422), "limit");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","limit":2.5})", 422), "limit");
  expect_bad_field(post("/recommendations", R"({"customer_id":"acme","types":["magic"]})", 422), "types");
}

TEST_F(ApiTest, a_decision_is_kept_and_its_opposite_is_a_conflict) {
  take_in();
  const auto page = post("/recommendations", R"({"customer_id":"acme"})");
  const std::string path =
      "/recommendations/" + std::string(page.at("recommendations").as_array()[0].at("recommendation_id").as_string());
  EXPECT_EQ(post(path + "/approve", "").at("status"), "approved");
  EXPECT_EQ(post(path + "/approve", "").at("status"), "approved");
  EXPECT_EQ(post(path + "/reject", "", 409).at("error"), "conflict");
  EXPECT_EQ(get(path).at("status"), "approved");
  const auto again = post("/recommendations", R"({"customer_id":"acme"})");
  EXPECT_EQ(again.at("recommendations").as_array()[0].at("status"), "approved");
  EXPECT_EQ(post("/recommendations/0000000000000000/approve", "", 404).at("error"), "not_found");
  EXPECT_EQ(get("/recommendations/%00'--", 404).at("error"), "not_found");
}

TEST_F(ApiTest, a_file_is_collected_in_the_background_once) {
  const std::string body = R"({"customer_id":"acme","file":"acme/bill.csv"})";
  const auto queued = post("/collect/focus", body, 202);
  const std::string job = "/jobs/" + std::string(queued.at("job_id").as_string());
  const auto done = get(job + "?wait=20");
  EXPECT_EQ(done.at("status"), "done");
  EXPECT_EQ(done.at("result").at("charges"), 360);
  EXPECT_EQ(done.at("result").at("billed_cost"), "1516.9");
  EXPECT_EQ(get(job), done);
  const auto again = post("/collect/focus?wait=20", body);
  EXPECT_EQ(again.at("result").at("duplicates"), 360);
  EXPECT_EQ(post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"inner.csv"})").at("status"), "done");
  EXPECT_EQ(get("/costs?customer_id=acme").at("total").as_array()[0].at("billed_cost"), "1138.9");
}

TEST_F(ApiTest, what_a_file_is_to_the_days_that_are_there_can_be_said) {
  EXPECT_EQ(ingest(root_ / "acme" / "bill.csv").charges, 3u * kDays);
  write(root_ / "part.csv",
        std::string(kHeader) +
            "AWS,EC2,eu-west-1,i-busy,n,7,7,USD,Usage,2025-04-10T00:00:00Z,2025-04-11T00:00:00Z,1234\n");
  const auto collect = [this](const char* restatement) {
    return post("/collect/focus?wait=20",
                fmt::format(R"({{"customer_id":"acme","file":"part.csv","restatement":"{}"}})", restatement));
  };
  const auto refused = collect("by_days");
  EXPECT_EQ(refused.at("status"), "failed");
  EXPECT_EQ(refused.at("attempts"), 1) << "the next one would not know either";
  EXPECT_THAT(std::string(refused.at("error").as_string()), HasSubstr("are there already"));
  const auto added = collect("add");
  EXPECT_EQ(added.at("result").at("replaced"), 0);
  EXPECT_EQ(added.at("result").at("charges"), 1);
  expect_bad_field(post("/collect/focus", R"({"customer_id":"acme","file":"part.csv","restatement":"maybe"})", 422),
                   "restatement");
}

TEST_F(ApiTest, costs_of_a_billing_period_are_the_bills_whatever_their_days) {
  const auto line = [](const char* day, const char* period, const char* cost) {
    return fmt::format("AWS,EC2,USD,Usage,{}T00:00:00Z,{}T00:00:00Z,{},{}\n", day, period, cost, cost);
  };
  write(folder_ / "late.csv",
        "ProviderName,ServiceName,BillingCurrency,ChargeCategory,ChargePeriodStart,BillingPeriodStart,BilledCost,"
        "EffectiveCost\n" +
            line("2024-12-31", "2025-01-01", "1") + line("2025-01-15", "2025-01-01", "2") +
            line("2025-01-31", "2025-02-01", "4") + line("2025-06-01", "2025-06-01", "8"));
  ASSERT_EQ(ingest(folder_ / "late.csv").charges, 4u);
  const auto billed = [this](const std::string& query) {
    return std::string(
        get("/costs?customer_id=acme&" + query).at("total").as_array().at(0).at("billed_cost").as_string());
  };
  EXPECT_EQ(billed("billing_period=2025-01"), "3");
  EXPECT_EQ(billed("billing_period=2025-02-01"), "4");
  EXPECT_EQ(billed("billing_period=2025-01&start_date=2025-01-01&end_date=2025-01-31"), "2");
  EXPECT_EQ(billed("start_date=2025-01-01&end_date=2025-01-31"), "6") << "kept apart from the question without it";
  EXPECT_EQ(field_of(get("/costs?customer_id=acme&billing_period=2025-03", 404)), "billing_period");
  expect_bad_field(get("/costs?customer_id=acme&billing_period=January", 422), "billing_period");
}

TEST_F(ApiTest, only_files_within_the_root_are_collected) {
  for (const std::string file : {"../outside.csv", "acme/../../outside.csv", "link.csv", "acme", ".", "", "/etc/passwd",
                                 "acme/bill.csv\\u0000.csv"}) {
    const auto error = post("/collect/focus", R"({"customer_id":"acme","file":")" + file + R"("})", 422);
    EXPECT_EQ(field_of(error), "file") << file;
    EXPECT_THAT(json::serialize(error), testing::Not(HasSubstr(folder_.string())));
  }
  EXPECT_EQ(field_of(post("/collect/focus", R"({"customer_id":"acme","file":"none.csv"})", 404)), "file");
  expect_bad_field(post("/collect/focus", R"({"customer_id":"a/b","file":"acme/bill.csv"})", 422), "customer_id");
  expect_bad_field(post("/collect/focus?wait=31", R"({"customer_id":"acme","file":"acme/bill.csv"})", 422), "wait");
}

TEST_F(ApiTest, a_file_that_is_no_bill_fails_its_job_without_telling_where_it_lies) {
  write(root_ / "notes.csv", "hello\nworld\n");
  const auto job = post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"notes.csv"})");
  EXPECT_EQ(job.at("status"), "failed");
  EXPECT_THAT(std::string(job.at("error").as_string()), HasSubstr("notes.csv"));
  EXPECT_THAT(json::serialize(job), testing::Not(HasSubstr(folder_.string())));
}

TEST_F(ApiTest, a_running_job_tells_how_far_it_is_and_can_be_cancelled) {
  const std::string path = "/jobs/" + jobs_->push({"held", "acme"})->id;
  json::object job;
  do {
    job = get(path);
  } while (job.at("progress") != 0.5);
  EXPECT_EQ(job.at("status"), "running");
  EXPECT_EQ(job.at("note"), "holding on");
  EXPECT_EQ(job.at("attempts"), 1);
  EXPECT_TRUE(job.contains("started"));
  EXPECT_FALSE(job.contains("finished"));
  const auto waiting = jobs_->push({"held", "acme"}).value();
  EXPECT_EQ(remove("/jobs/" + waiting.id).at("status"), "cancelled") << "it had not begun";
  job = remove(path, 202);
  EXPECT_EQ(job.at("status"), "running");
  EXPECT_EQ(job.at("cancelling"), true);
  EXPECT_EQ(get(path + "?wait=20").at("status"), "cancelled");
  EXPECT_EQ(post(path + "/cancel", "").at("status"), "cancelled") << "once more changes nothing";
  EXPECT_EQ(post("/jobs/0000000000000000/cancel", "", 404).at("error"), "not_found");
}

TEST_F(ApiTest, dead_letters_are_listed_in_pages_and_tried_again) {
  for (const char* name : {"one.csv", "two.csv", "three.csv"}) {
    write(root_ / name, "hello\nworld\n");
    const std::string body =
        fmt::format(R"({{"customer_id":"{}","file":"{}"}})", name[0] == 'o' ? "other" : "acme", name);
    EXPECT_EQ(post("/collect/focus?wait=20", body).at("status"), "failed");
  }
  const auto page = get("/jobs?state=failed&limit=2");
  ASSERT_EQ(page.at("jobs").as_array().size(), 2u);
  EXPECT_THAT(std::string(page.at("jobs").as_array()[0].at("error").as_string()), HasSubstr("three.csv"));
  const std::string cursor(page.at("next_cursor").as_string());
  const auto last = get("/jobs?limit=2&cursor=" + cursor);
  ASSERT_EQ(last.at("jobs").as_array().size(), 1u) << "failed ones are what is asked for mostly";
  EXPECT_TRUE(last.at("next_cursor").is_null());
  EXPECT_EQ(get("/jobs?state=failed&customer_id=other"), last);
  EXPECT_TRUE(get("/jobs?state=done").at("jobs").as_array().empty());
  expect_bad_field(get("/jobs?state=dead", 422), "state");

  const std::string path = "/jobs/" + std::string(last.at("jobs").as_array()[0].at("job_id").as_string());
  EXPECT_EQ(post(path + "/cancel", "", 409).at("error"), "conflict") << "it has ended";
  write(root_ / "one.csv", bill());
  EXPECT_EQ(post(path + "/retry", "", 202).at("status"), "queued");
  const auto done = get(path + "?wait=20");
  EXPECT_EQ(done.at("status"), "done");
  EXPECT_EQ(done.at("attempts"), 1);
  EXPECT_FALSE(done.contains("error"));
  EXPECT_EQ(post(path + "/retry", "", 409).at("error"), "conflict");
  EXPECT_EQ(post("/jobs/0000000000000000/retry", "", 404).at("error"), "not_found");
}

TEST_F(ApiTest, a_file_that_is_queued_already_is_not_queued_again) {
  const auto held = jobs_->push({"held", "acme"}).value();
  const std::string body = R"({"customer_id":"acme","file":"acme/bill.csv"})";
  const auto first = post("/collect/focus", body, 202);
  EXPECT_EQ(post("/collect/focus", body, 202), first);
  EXPECT_EQ(post("/collect/focus", R"({"customer_id":"acme","file":"acme/./bill.csv"})", 202), first);
  EXPECT_NE(post("/collect/focus", R"({"customer_id":"other","file":"acme/bill.csv"})", 202), first);
  EXPECT_NE(post("/collect/focus", R"({"customer_id":"acme","file":"inner.csv"})", 202), first);
  let_go_ = true;
  EXPECT_EQ(get("/jobs/" + std::string(first.at("job_id").as_string()) + "?wait=20").at("result").at("charges"), 360);
}

TEST_F(ApiTest, metrics_tell_what_the_job_queue_does) {
  EXPECT_EQ(post("/collect/focus?wait=20", R"({"customer_id":"acme","file":"acme/bill.csv"})").at("status"), "done");
  EXPECT_TRUE(runner_->stop(std::chrono::seconds(20)));
  std::string text;
  do {
    text = client_->get("/metrics").body;
  } while (text.find("jobs_queued 0\n") == std::string::npos);  // it is counted with the next heartbeat
  for (const char* line : {"jobs_running ", "jobs_failed 0\n", "jobs_oldest_queued_seconds 0\n",
                           "job_attempts_total{outcome=\"done\"} 1\n", "job_attempts_total{outcome=\"lost\"} 0\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST_F(ApiTest, jobs_that_never_were_are_not_found) {
  EXPECT_EQ(get("/jobs/0000000000000000", 404).at("error"), "not_found");
  expect_bad_field(get("/jobs/0?wait=-1", 422), "wait");
}

}  // namespace
}  // namespace costagent
