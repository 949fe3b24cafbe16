#include "base/scarce_memory.h"

#include <gtest/gtest.h>

#include <new>

namespace base {
namespace {

// Ends what a test did to the program.
struct ScarceMemory : testing::Test {
  const std::new_handler before = std::get_new_handler();
  ~ScarceMemory() override { std::set_new_handler(before); }
};

// As the library does it for an allocation that fails: it asks, and tries again when that returns.
int tries_until_refused() {
  for (int tries = 0;; ++tries) {
    try {
      std::get_new_handler()();
    } catch (const std::bad_alloc&) {
      return tries;
    }
  }
}

TEST_F(ScarceMemory, what_finds_no_memory_tries_again_for_a_while_and_is_then_refused) {
  wait_for_memory();
  EXPECT_GE(tries_until_refused(), 2);
  EXPECT_GE(tries_until_refused(), 2) << "the next one has patience of its own";
}

}  // namespace
}  // namespace base
