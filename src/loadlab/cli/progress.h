// What a person sees while a suite is played: a line that is redrawn on a terminal, and plain lines elsewhere.
#pragma once

#include "loadlab/session/suite.h"

namespace loadlab {

// Writes to standard error. `quiet` says nothing at all.
class Progress final : public SuiteObserver {
 public:
  explicit Progress(bool quiet);

  void test_begins(const Test& test, std::size_t index, std::size_t count) override;
  void part_begins(const Test& test, const std::string& name, std::size_t index, std::size_t count) override;
  void second_passed(const Test& test, const TestResult& so_far, const Timings& second) override;
  void test_ended(const TestResult& result) override;

 private:
  void redraw(const std::string& line);
  void print(const std::string& line);

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;  // a line stands on the terminal that the next one replaces
};

// The width of the terminal behind a descriptor of this process, or 80 columns where it is none.
int terminal_width(int descriptor);

}  // namespace loadlab
