#include "costagent/api/api_test.h"

#include <stdlib.h>

#include <thread>

#include "costagent/api/cache_metrics.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;

std::string utilisation() {
  std::string text = "ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n";
  for (int hour = 0; hour < 30 * 24; ++hour) {
    const auto time = base::format_time(base::Seconds(day(kDays - 30)) + std::chrono::hours(hour));
    text += fmt::format("i-busy,{},70,60,900000000,1000\ni-idle,{},0.5,4,1000,10\n", time, time);
  }
  return text;
}

}  // namespace

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

ApiTest::ApiTest() {
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
  spool_.emplace(SpoolOptions{(folder_ / "spool").string(), store_->identity(), 0});
  collection_.emplace(store_->facts(), *jobs_, CollectionPlaces{root_.string(), &*spool_});
  JobRunnerOptions runner_options;
  runner_options.heartbeat = std::chrono::milliseconds(5);
  runner_.emplace(*jobs_, clock_, runner_options);
  runner_->register_kind(
      Collection::kKind, [this](const Job& job, JobContext& context) { return collection_->run(job, context); },
      [this](const Job& job) { collection_->ended(job); });
  runner_->register_kind("held", [this](const Job&, JobContext& context) -> base::Result<std::string> {
    context.progress(0.50049, "holding on");
    while (!context.cancelled() && !let_go_) std::this_thread::yield();
    if (context.cancelled()) return base::fail(base::ErrorKind::cancelled, "cut short");
    return "{}";
  });
  models_.emplace(store_->facts(), store_->feedback(), clock_);
  services_.emplace(
      Services{store_->facts(), store_->state(), store_->feedback(), *jobs_, *collection_, *models_, answers_, clock_});
  router_ = make_router(*services_);
  auto patterns = router_.patterns();
  patterns.emplace_back("/metrics");
  metrics_.emplace(std::move(patterns));
  metrics_->watch_database([this] { return store_->use(); });
  metrics_->watch([this](auto& families) { add_cache_metrics(answers_.use(), families); });
  metrics_->watch([this](auto& families) { add_model_metrics(models_->use(), families); });
  metrics_->watch([this](auto& families) { add_job_metrics(runner_->use(), families); });
  add_metrics_route(router_, *metrics_);
  ServerOptions options;
  options.worker_threads = 2;
  server_ = HttpServer::start(options, router_, *metrics_, clock_).value();
  client_.emplace(server_->port());
  runner_->start();
}

ApiTest::~ApiTest() {
  client_.reset();
  server_.reset();
  let_go_ = true;
  runner_.reset();
  jobs_.reset();
  store_.reset();
  fs::remove_all(folder_);
}

IngestReport ApiTest::ingest(const fs::path& path, Restatement restatement) {
  const std::string file = path.string();
  return ingest_files(store_->facts(), {"acme", restatement}, {&file, 1}).value();
}

void ApiTest::take_in() {
  ASSERT_EQ(ingest(root_ / "acme" / "bill.csv").charges, 3u * kDays);
  ingest(folder_ / "utilisation.csv");
}

}  // namespace costagent
