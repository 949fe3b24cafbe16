#include "loadlab/plan/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "loadlab/plan/load_plan.h"
#include "loadlab/result/probe_metrics.h"

namespace loadlab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Watch, takes_a_process_by_number_port_name_or_command) {
  EXPECT_EQ(parse_watch("pid:4242")->kind, Watch::Kind::pid);
  EXPECT_EQ(parse_watch("pid:4242")->number, 4242);
  EXPECT_EQ(parse_watch("port: 8080")->kind, Watch::Kind::port);
  EXPECT_EQ(parse_watch("port:65535")->number, 65535);
  EXPECT_EQ(parse_watch("name:shop")->text, "shop");
  const auto command = parse_watch("command:./shop --port 8080");
  EXPECT_EQ(command->kind, Watch::Kind::command);
  EXPECT_EQ(command->text, "./shop --port 8080");
  for (const char* text : {"pid:1", "port:1", "name:x", "command:x"}) EXPECT_TRUE(parse_watch(text)->is_process());
}

TEST(Watch, takes_the_machine_and_a_control_group) {
  EXPECT_EQ(parse_watch("machine")->kind, Watch::Kind::machine);
  EXPECT_EQ(parse_watch("cgroup:/sys/fs/cgroup/shop.slice")->text, "/sys/fs/cgroup/shop.slice");
  EXPECT_FALSE(parse_watch("machine")->is_process());
}

TEST(Watch, takes_databases_by_their_urls_and_shows_no_password) {
  for (const char* text : {"postgresql:postgresql://app:s3cret@db/shop", "postgresql://app:s3cret@db/shop"}) {
    const auto watch = parse_watch(text);
    ASSERT_TRUE(watch) << text;
    EXPECT_EQ(watch->kind, Watch::Kind::postgresql);
    EXPECT_EQ(watch->text, "postgresql://app:s3cret@db/shop");
    EXPECT_EQ(watch->label, "postgresql://app@db/shop");
  }
  EXPECT_EQ(parse_watch("postgres://db/shop")->kind, Watch::Kind::postgresql);
  EXPECT_EQ(parse_watch("pgbouncer:postgresql://app@db:6432/pgbouncer")->kind, Watch::Kind::pgbouncer);
  const auto redis = parse_watch("redis://:s3cret@cache:6379/0");
  EXPECT_EQ(redis->kind, Watch::Kind::redis);
  EXPECT_EQ(redis->label, "redis://@cache:6379/0");
  EXPECT_EQ(parse_watch("redis:redis://cache")->text, "redis://cache");
}

TEST(Watch, takes_an_endpoint_and_a_query_of_a_server) {
  const auto endpoint = parse_watch("prometheus:http://127.0.0.1:9100/metrics");
  EXPECT_EQ(endpoint->kind, Watch::Kind::prometheus);
  EXPECT_EQ(endpoint->text, "http://127.0.0.1:9100/metrics");
  const auto query = parse_watch("prometheus:http://127.0.0.1:9090#cpu=sum(rate(cpu_seconds_total{a=\"b\"}[1m]))");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->kind, Watch::Kind::query);
  EXPECT_EQ(query->text, "http://127.0.0.1:9090");
  EXPECT_EQ(query->name, "cpu");
  EXPECT_EQ(query->query, "sum(rate(cpu_seconds_total{a=\"b\"}[1m]))");
}

TEST(Watch, refuses_all_else) {
  for (const char* text : {"",
                           "8080",
                           "pid:",
                           "pid:0",
                           "pid:-1",
                           "pid:x",
                           "port:65536",
                           "port:80x",
                           "host:a",
                           "name:",
                           "command: ",
                           "machine:1",
                           "cgroup:shop.slice",
                           "postgresql:shop",
                           "postgresql://",
                           "redis:http://a",
                           "redis:///0",
                           "prometheus:9100",
                           "prometheus:ftp://a/metrics",
                           "prometheus:http://a#up",
                           "prometheus:http://a#=up",
                           "prometheus:http://a#b c=up",
                           "prometheus:http://a b/metrics"}) {
    EXPECT_FALSE(parse_watch(text)) << text;
  }
}

TEST(Watch, tells_no_password_in_what_it_refuses) {
  for (const char* text : {"postgresql:mysql://app:s3cret@db/shop", "mysql://app:s3cret@db/shop"})
    EXPECT_THAT(parse_watch(text).error().message, Not(HasSubstr("s3cret"))) << text;
}

TEST(MetricCatalogue, is_in_the_documents_whole) {
  std::ifstream file(PROJECT_SOURCE_DIR "/docs/metrics.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const MetricForm& form : metric_catalogue()) {
    const auto begin = text.find(fmt::format("## `{}`", form.probe));
    ASSERT_NE(begin, std::string::npos) << form.probe;
    const auto row =
        fmt::format("| `{}` | {} | {} |", form.name, form.unit.empty() ? "number" : form.unit, form.meaning);
    const auto at = text.find(row, begin);
    EXPECT_LT(at, text.find("\n## ", begin + 1)) << row;
  }
}

TEST(ParseWatch, a_complaint_shows_no_password) {
  for (const char* text : {"redis:s3cret@h", "postgresql:s3cret@h", "postgresql:host=db password=s3cret",
                           "prometheus:http://u:a#s3cret@h/", "shop:s3cret@h"}) {
    const auto watch = parse_watch(text);
    ASSERT_FALSE(watch) << text;
    EXPECT_EQ(watch.error().message.find("s3cret"), std::string::npos) << watch.error().message;
  }
}

}  // namespace
}  // namespace loadlab
