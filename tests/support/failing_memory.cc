#include "support/failing_memory.h"

#include <cstdlib>
#include <new>

namespace {

constexpr int kNever = -1;
// So many are yet to succeed.
thread_local int left = kNever;

void* allocated(std::size_t size) noexcept {
  if (left != kNever && left-- == 0) return nullptr;
  return std::malloc(size == 0 ? 1 : size);
}

void* allocated_or_thrown(std::size_t size) {
  void* const memory = allocated(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocated_or_thrown(size); }
void* operator new[](std::size_t size) { return allocated_or_thrown(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocated(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocated(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace testing_support {

FailingAllocation::FailingAllocation(int after) { left = after; }
FailingAllocation::~FailingAllocation() { left = kNever; }
bool FailingAllocation::struck() const { return left == kNever; }

}  // namespace testing_support
