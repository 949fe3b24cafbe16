// The memory that workers share, mapped twice as by two processes; and the metrics that are told from it.
#include "costagent/api/worker_board.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "costagent/api/metrics.h"

namespace costagent {
namespace {

using testing::HasSubstr;
using testing::Not;

class WorkerBoardTest : public testing::Test {
 protected:
  // The same memory once more.
  static WorkerBoard mapped(const WorkerBoard& board) {
    return WorkerBoard::join(base::UniqueFd(::fcntl(board.descriptor(), F_DUPFD_CLOEXEC, 0))).value();
  }

  void move_in(unsigned place, unsigned number) {
    supervisor_.move_in(place, {.number = number, .pid = 100 + static_cast<int>(number), .serves = true});
  }

  static void count(Metrics& metrics, int times) {
    for (int i = 0; i < times; ++i) metrics.count_request(0, Method::get, 200, std::chrono::milliseconds(2));
  }

  static std::string refused(int count) {
    return fmt::format("http_requests_refused_total{{reason=\"full\"}} {}\n", count);
  }
  static std::string requests(int count) {
    return fmt::format("http_requests_total{{method=\"GET\",route=\"/health\",status=\"200\"}} {}\n", count);
  }

  WorkerBoard supervisor_ = WorkerBoard::create(3).value();
  WorkerBoard one_ = mapped(supervisor_);
  WorkerBoard two_ = mapped(supervisor_);
};

TEST_F(WorkerBoardTest, other_files_are_refused) {
  EXPECT_EQ(WorkerBoard::join(base::UniqueFd()).error().kind, base::ErrorKind::invalid);
  EXPECT_FALSE(WorkerBoard::join(base::UniqueFd(::open("/dev/zero", O_RDWR | O_CLOEXEC))));
  EXPECT_FALSE(WorkerBoard::join(base::UniqueFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC))));
}

TEST_F(WorkerBoardTest, tells_who_works) {
  EXPECT_TRUE(one_.workers().empty());
  supervisor_.move_in(2, {.number = 1, .pid = 7, .started = base::UtcTime(std::chrono::seconds(5)), .restarts = 3});
  move_in(0, 2);
  one_.counts(2).connections.add(4);
  const auto workers = two_.workers();
  ASSERT_EQ(workers.size(), 2u);
  EXPECT_EQ(workers[0].number, 1u);
  EXPECT_EQ(workers[0].pid, 7);
  EXPECT_EQ(workers[0].started, base::UtcTime(std::chrono::seconds(5)));
  EXPECT_EQ(workers[0].restarts, 3);
  EXPECT_EQ(workers[0].connections, 4);
  EXPECT_FALSE(workers[0].serves);
  EXPECT_TRUE(workers[1].serves);
  supervisor_.move_out(2);
  EXPECT_EQ(two_.workers().size(), 1u);
}

TEST_F(WorkerBoardTest, any_worker_tells_the_requests_of_all) {
  move_in(0, 1);
  move_in(1, 2);
  Metrics first({"/health"}, {&one_, 0, 1});
  Metrics second({"/health"}, {&two_, 1, 2});
  count(first, 3);
  count(second, 4);
  first.connections().Increment();
  second.connections().Increment();
  for (const Metrics* metrics : {&first, &second}) {
    const std::string text = metrics->text();
    EXPECT_THAT(text, HasSubstr(requests(7)));
    EXPECT_THAT(text, HasSubstr("http_request_duration_seconds_count{route=\"/health\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("http_request_duration_seconds_bucket{route=\"/health\",le=\"0.001\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("http_request_duration_seconds_bucket{route=\"/health\",le=\"0.0025\"} 7\n"));
    EXPECT_THAT(text, HasSubstr("http_connections 2\n"));
    EXPECT_THAT(text, HasSubstr("costagent_workers 2\n"));
  }
}

TEST_F(WorkerBoardTest, counts_go_on_where_a_dead_worker_left_them) {
  move_in(0, 1);
  move_in(1, 2);
  Metrics witness({"/health"}, {&two_, 1, 2});
  {
    Metrics dead({"/health"}, {&one_, 0, 1});
    count(dead, 5);
    dead.count_refused(Refusal::full);
    dead.connections().Increment();
    dead.in_flight().Increment();
    dead.publish();
  }
  supervisor_.move_out(0);
  supervisor_.count_restart();
  EXPECT_THAT(witness.text(), HasSubstr(requests(5)));
  EXPECT_THAT(witness.text(), HasSubstr(refused(1)));
  EXPECT_THAT(witness.text(), HasSubstr("http_connections 0\n")) << "they died with it";
  EXPECT_THAT(witness.text(), HasSubstr("http_requests_in_flight 0\n"));
  EXPECT_THAT(witness.text(), Not(HasSubstr("process_open_fds{worker=\"1\"}")));
  move_in(0, 1);
  Metrics next({"/health"}, {&one_, 0, 1});
  count(next, 2);
  next.count_refused(Refusal::full);
  next.publish();
  EXPECT_THAT(witness.text(), HasSubstr(requests(7)));
  EXPECT_THAT(witness.text(), HasSubstr(refused(2)));
  supervisor_.move_out(0);
  EXPECT_THAT(witness.text(), HasSubstr(refused(2))) << "the second death adds to the first";
  EXPECT_THAT(witness.text(), HasSubstr("costagent_worker_restarts_total 1\n"));
}

TEST_F(WorkerBoardTest, what_one_worker_told_is_never_taken_back_by_another) {
  move_in(0, 1);
  move_in(1, 2);
  Metrics first({"/health"}, {&one_, 0, 1});
  Metrics second({"/health"}, {&two_, 1, 2});
  for (int i = 1; i <= 3; ++i) {
    first.count_refused(Refusal::full);
    const std::string line = refused(i);
    EXPECT_THAT(first.text(), HasSubstr(line));
    EXPECT_THAT(second.text(), HasSubstr(line)) << "though the first did not publish of itself";
  }
}

TEST_F(WorkerBoardTest, what_is_of_one_process_alone_bears_its_number) {
  move_in(0, 1);
  move_in(1, 2);
  Metrics first({"/health"}, {&one_, 0, 1});
  Metrics second({"/health"}, {&two_, 1, 2});
  second.publish();
  const std::string text = first.text();
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes{worker=\"1\"} "));
  EXPECT_THAT(text, HasSubstr("process_resident_memory_bytes{worker=\"2\"} "));
  EXPECT_THAT(text, HasSubstr("costagent_build_info{version=\"")) << text;
  EXPECT_THAT(text, testing::ContainsRegex("costagent_build_info[{]version=\"[^\"]*\"[}] 1\n"));
  const std::string alone = Metrics({"/health"}).text();
  EXPECT_THAT(alone, HasSubstr("process_resident_memory_bytes "));
  EXPECT_THAT(alone, HasSubstr("process_start_time_seconds "));
  EXPECT_THAT(alone, Not(HasSubstr("worker")));
}

TEST_F(WorkerBoardTest, a_text_is_read_whole_while_it_is_replaced) {
  move_in(0, 1);
  const std::string texts[] = {"# TYPE a counter\na " + std::string(5000, '1') + "\n",
                               "# TYPE a counter\na " + std::string(3000, '2') + "\n"};
  one_.publish(0, texts[0]);
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i) one_.publish(0, texts[i % 2]);
  });
  for (int i = 0; i < 2000; ++i) {
    const auto read = two_.texts();
    ASSERT_EQ(read.size(), 1u);
    ASSERT_TRUE(read[0] == texts[0] || read[0] == texts[1]);
  }
  writer.join();
}

TEST_F(WorkerBoardTest, a_text_that_is_too_long_is_left_out) {
  move_in(0, 1);
  one_.publish(0, "# TYPE a counter\na 1\n");
  one_.publish(0, std::string(WorkerBoard::kMaxText + 1, 'x'));
  EXPECT_EQ(two_.texts(), std::vector<std::string>{"# TYPE a counter\na 1\n"});
  const std::string longest(WorkerBoard::kMaxText, 'x');
  one_.publish(0, longest);
  EXPECT_EQ(two_.texts(), std::vector<std::string>{longest});
}

TEST_F(WorkerBoardTest, who_has_more_connections_gives_way_to_who_serves_with_fewer) {
  move_in(0, 1);
  move_in(1, 2);
  one_.counts(0).connections.set(2);
  EXPECT_TRUE(one_.should_give_way(0));
  EXPECT_FALSE(two_.should_give_way(1));
  two_.counts(1).connections.set(1);
  EXPECT_FALSE(one_.should_give_way(0)) << "one more is no reason to wait";
  one_.counts(0).connections.set(101);
  two_.counts(1).connections.set(90);
  EXPECT_FALSE(one_.should_give_way(0)) << "nor is an eighth";
  two_.counts(1).connections.set(80);
  EXPECT_TRUE(one_.should_give_way(0));
  supervisor_.set_serves(1, false);
  EXPECT_FALSE(one_.should_give_way(0)) << "the other one stops";
}

}  // namespace
}  // namespace costagent
