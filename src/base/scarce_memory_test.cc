#include "base/scarce_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cstdlib>
#include <new>
#include <vector>

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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kChunk = 1 << 20;
std::vector<void*> hoard;  // all that there was left, in chunks
std::new_handler waits = nullptr;

// Somebody gives back what he has while an allocation waits.
void give_back_and_wait() {
  for (void* chunk : hoard) ::munmap(chunk, kChunk);
  hoard.clear();
  waits();
}

// In a program that may have no more memory than it has: 0 if it came to some that was given back meanwhile.
int takes_what_is_given_back() {
  constexpr std::size_t kLarge = 8 * kChunk;  // which no heap has lying about
  hoard.reserve(100'000);
  const rlimit all{kLarge * 16, kLarge * 16};
  if (::setrlimit(RLIMIT_AS, &all) != 0) return 3;
  for (void* chunk = nullptr; chunk != MAP_FAILED;) {
    chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk != MAP_FAILED) hoard.push_back(chunk);
  }
  wait_for_memory();
  waits = std::get_new_handler();
  if (waits != nullptr) std::set_new_handler(give_back_and_wait);
  try {
    const std::vector<char> large(kLarge);
    return hoard.empty() ? 0 : 2;
  } catch (const std::bad_alloc&) {
    return 1;
  }
}

TEST(ScarceMemoryDeathTest, what_is_given_back_meanwhile_is_had) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer takes all of the address space";
  EXPECT_EXIT(std::_Exit(takes_what_is_given_back()), testing::ExitedWithCode(0), "");
}

TEST(CarryOn, a_thread_for_a_step_of_which_there_was_no_memory_begins_anew) {
  int tries = 0;
  carry_on([&] {
    if (++tries < 3) throw std::bad_alloc();
  });
  EXPECT_EQ(tries, 3);
}

}  // namespace
}  // namespace base
