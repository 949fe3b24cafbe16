// Which of the earlier runs a run is compared with: for each of its tests those that put the same load on the same
// target. Pure.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "loadlab/history/record.h"

namespace loadlab {

// A test that is not compared with an earlier one of its name, and why: a sentence. Either may lack it.
struct PassedOver {
  std::string test;
  std::string why;
};

struct Baseline {
  // The newest first, with figures and blocks, of each only the tests that count.
  std::vector<RunRecord> runs;
  // Tests of another load, and those of the latest runs that this one lacks: once each, the newest.
  std::vector<PassedOver> passed_over;
};

// Whether its figures say something beside others: it was carried out to its end, and is trusted for more than its own
// bounds.
bool is_usable(const TestRecord& test);

// Why one is not, behind "it": "is untrusted".
std::string why_unusable(const TestRecord& test);

// By what the load, or what it was put on, differs: "it had 2 users for 10 s, and run 7 has 1 user for 10 s". Empty
// where nothing does, or it isn't known: older histories don't have all of it. Of a target on this machine the port
// says nothing, as it is often the next free one.
std::string difference_of_load(const RunRecord& then_run, const TestRecord& then, const RunRecord& now_run,
                               const TestRecord& now);

// Goes through the earlier runs of a suite, from the newest, until every test has enough of them. The run must outlive
// it.
class BaselineSearch {
 public:
  BaselineSearch(const RunRecord& run, std::size_t count);

  // Of one more, as it is listed: the names of its tests that belong to the baseline; none of a run that is not like
  // this one, which is another machine's, or was not played to its end.
  std::vector<std::string> take(const RunRecord& earlier);
  bool done() const { return missing_.empty() && runs_ >= count_; }
  const std::vector<PassedOver>& passed_over() const { return passed_over_; }

 private:
  void pass_over(const std::string& test, const std::string& why);

  const RunRecord& run_;
  std::size_t count_;
  std::size_t runs_ = 0;                        // that were like it
  std::map<std::string, std::size_t> missing_;  // tests that need more, and how many
  std::vector<PassedOver> passed_over_;
};

}  // namespace loadlab
