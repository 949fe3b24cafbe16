// Which answers are repeated from a cache, and until when: the routes' handlers on a real store, without the server.
#include "costagent/api/kept_answer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "costagent/api/api.h"
#include "costagent/cache/memory_cache.h"
#include "costagent/queue/store_queue.h"
#include "costagent/service/ingest.h"
#include "costagent/store/open_store.h"

namespace costagent {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kBillHeader =
    "ProviderName,ServiceName,RegionId,ResourceId,BilledCost,EffectiveCost,BillingCurrency,ChargeCategory,"
    "ChargePeriodStart,ChargePeriodEnd\n";
constexpr const char* kAcme = R"({"customer_id":"acme"})";
constexpr int kDays = 30;

base::Day day(int i) { return base::parse_day("2025-04-01").value() + std::chrono::days(i); }

std::string line(int i, const char* resource) {
  return fmt::format("AWS,EC2,eu-west-1,{},10,10,USD,Usage,{}T00:00:00Z,{}T00:00:00Z\n", resource,
                     base::format_day(day(i)), base::format_day(day(i + 1)));
}

// Customer acme: two machines of 10 a day for 30 days, which do nothing.
class KeptAnswerTest : public testing::Test {
 protected:
  KeptAnswerTest() {
    std::string name = (fs::temp_directory_path() / "kept-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    store_ = open().value();
    jobs_.emplace(store_->jobs(), clock_, StoreQueueOptions{});
    collection_.emplace(store_->facts(), *jobs_, CollectionPlaces{folder_.string(), nullptr});
    models_.emplace(store_->facts(), store_->feedback(), clock_);
    services_.emplace(Services{store_->facts(), store_->state(), store_->feedback(), *jobs_, *collection_, *models_,
                               answers_, clock_});
    collection_->when_changed([this](const std::string& customer) { answers_.invalidate(customer); });
    router_ = make_router(*services_);

    std::string bill = kBillHeader;
    std::string utilisation = "ResourceId,HourStart,CpuPercent,MemoryPercent,NetworkBytes,DiskBytes\n";
    for (const char* resource : {"i-1", "i-2"}) {
      for (int i = 0; i < kDays; ++i) bill += line(i, resource);
      for (int hour = 0; hour < kDays * 24; ++hour)
        utilisation += fmt::format("{},{},0.5,4,1000,10\n", resource,
                                   base::format_time(base::Seconds(day(0)) + std::chrono::hours(hour)));
    }
    take_in(*store_, write("bill.csv", bill));
    take_in(*store_, write("utilisation.csv", utilisation));
  }
  ~KeptAnswerTest() override {
    jobs_.reset();
    store_.reset();
    fs::remove_all(folder_);
  }

  base::Result<std::unique_ptr<Store>> open() { return open_store("sqlite:" + (folder_ / "costs.db").string()); }
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  static void take_in(Store& store, const std::string& path) {
    EXPECT_TRUE(ingest_files(store.facts(), {"acme"}, {&path, 1}));
  }
  // A bill of one more day.
  std::string another_bill() { return write("more.csv", kBillHeader + line(kDays, "i-1")); }

  base::Result<json::object> ask(Method method, const std::string& path, const std::string& query,
                                 const std::string& body) {
    const auto match = router_.match(method, path);
    Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = body;
    request.parameters = match.parameters;
    const auto response = match.route->handler(request);
    if (!response) return base::pass_on(response);
    return json::parse(response->body).as_object();
  }
  json::object get_costs(const std::string& more = "") {
    return ask(Method::get, "/costs", "customer_id=acme" + more, "").value();
  }
  json::object post(const std::string& path, const std::string& body) {
    return ask(Method::post, path, "", body).value();
  }
  static json::value total_of(const json::object& costs) {
    return costs.at("total").as_array()[0].at("effective_cost");
  }

  fs::path folder_;
  base::SystemClock clock_;
  MemoryCache answers_{{}, clock_};
  std::unique_ptr<Store> store_;
  std::optional<StoreQueue> jobs_;
  std::optional<Collection> collection_;
  std::optional<AnalysisModels> models_;
  std::optional<Services> services_;
  Router router_;
};

TEST(QuestionText, different_parts_give_different_texts) {
  using Texts = std::vector<std::string>;
  using Map = std::map<std::string, std::string>;
  const std::set<std::string> texts = {
      QuestionText("a").text(),
      QuestionText("a").add("").text(),
      QuestionText("a").add("b").add("c").text(),
      QuestionText("a").add("b1:c").text(),
      QuestionText("a").add(Texts{"b", "c"}).text(),
      QuestionText("a").add(Texts{"b"}).add(Texts{"c"}).text(),
      QuestionText("a").add(Texts{}).add("b").text(),
      QuestionText("a").add(Map{{"b", "c"}}).text(),
      QuestionText("a").add(Map{{"b", ""}, {"c", ""}}).text(),
      QuestionText("a").add(std::optional(day(0))).text(),
      QuestionText("a").add(std::optional(day(1))).text(),
      QuestionText("a").add(true).text(),
      QuestionText("a").add(false).text(),
      QuestionText("a").add(Risk::high).text(),
  };
  EXPECT_EQ(texts.size(), 14u);
}

TEST_F(KeptAnswerTest, every_repeated_question_is_answered_from_memory) {
  const auto ask_all = [this] {
    return std::vector{post("/analyze", kAcme), post("/recommendations", kAcme),
                       get_costs("&group_by=service,region&granularity=monthly")};
  };
  const auto first = ask_all();
  EXPECT_EQ(answers_.use().misses, 3u);
  EXPECT_EQ(ask_all(), first);
  EXPECT_EQ(answers_.use().misses, 3u);
  EXPECT_EQ(answers_.use().hits, 3u);
}

TEST_F(KeptAnswerTest, whatever_a_question_says_makes_another_answer) {
  std::uint64_t questions = 0;
  for (const char* more :
       {"", "&group_by=service", "&group_by=region", "&group_by=region,service", "&granularity=daily",
        "&granularity=monthly", "&limit=2", "&provider=aws", "&start_date=2025-04-02", "&end_date=2025-04-02",
        "&service=EC2", "&group_by=tag:team", "&tag:team=a", "&tag:team=b"}) {
    get_costs(more);
    EXPECT_EQ(answers_.use().misses, ++questions) << more;
  }
  const auto first = get_costs("&granularity=daily&limit=2");
  get_costs("&granularity=daily&limit=2&cursor=" + std::string(first.at("next_cursor").as_string()));
  questions += 2;
  EXPECT_EQ(answers_.use().misses, questions);
  const auto asks = [&](const char* path, std::initializer_list<const char*> ways) {
    for (const char* more : ways) {
      post(path, std::string(R"({"customer_id":"acme")") + more + "}");
      EXPECT_EQ(answers_.use().misses, ++questions) << path << more;
    }
  };
  asks("/recommendations",
       {"", R"(,"provider":"aws")", R"(,"types":["rightsize"])", R"(,"types":["idle_resource"])",
        R"(,"min_savings":1.5)", R"(,"risk_tolerance":"low")", R"(,"limit":1)", R"(,"cursor":"1")"});
  asks("/analyze", {"", R"(,"provider":"aws")", R"(,"analysis_types":["anomaly"])", R"(,"analysis_types":["trend"])",
                    R"(,"analysis_types":["forecast"])", R"(,"analysis_types":["growth"])", R"(,"sensitivity":"low")",
                    R"(,"start_date":"2025-04-02")", R"(,"end_date":"2025-04-02")", R"(,"forecast_services":1)",
                    R"(,"monthly_budget":"1")"});
}

TEST_F(KeptAnswerTest, a_decision_is_listed_at_once) {
  const auto first = post("/recommendations", kAcme);
  const auto& listed = first.at("recommendations").as_array().at(0);
  EXPECT_EQ(listed.at("status"), "open");
  const std::string id(listed.at("recommendation_id").as_string());
  post("/recommendations/" + id + "/approve", "");
  EXPECT_EQ(post("/recommendations", kAcme).at("recommendations").as_array().at(0).at("status"), "approved");
}

TEST_F(KeptAnswerTest, what_another_process_takes_in_is_seen_by_the_next_request) {
  EXPECT_EQ(total_of(get_costs()), "600");
  const auto theirs = open().value();
  take_in(*theirs, another_bill());
  EXPECT_EQ(total_of(get_costs()), "610");
  EXPECT_EQ(answers_.use().entries, 1u) << "the old one went";
}

TEST_F(KeptAnswerTest, a_collected_bill_drops_its_customers_answers) {
  get_costs();
  EXPECT_EQ(answers_.use().entries, 1u);
  another_bill();
  const auto job = post("/collect/focus", R"({"customer_id":"acme","file":"more.csv"})");
  const auto claimed = jobs_->claim({"a test", {Collection::kKind}, std::chrono::seconds(60)}).value().value();
  EXPECT_EQ(std::string(job.at("job_id").as_string()), claimed.id);
  JobContext context(base::Nanoseconds::max());
  EXPECT_TRUE(collection_->run(claimed, context));
  EXPECT_EQ(answers_.use().entries, 0u);
}

TEST_F(KeptAnswerTest, customers_that_there_are_not_take_no_memory) {
  EXPECT_EQ(ask(Method::get, "/costs", "customer_id=nobody", "").error().kind, base::ErrorKind::not_found);
  EXPECT_EQ(ask(Method::post, "/analyze", "", R"({"customer_id":"no one"})").error().kind, base::ErrorKind::invalid);
  EXPECT_EQ(ask(Method::post, "/recommendations", "", R"({"customer_id":"nobody"})").error().kind,
            base::ErrorKind::not_found);
  EXPECT_EQ(answers_.use().misses, 0u);
}

}  // namespace
}  // namespace costagent
