// A lack of memory, for tests of what it leaves behind: allocations by `new` fail where a test says so.
//
// Who links this has the program's operators new and delete replaced, by ones that call malloc and free.
#pragma once

namespace testing_support {

// While it lives, one allocation of this thread throws std::bad_alloc: the one behind the next `after`. Handlers
// (std::set_new_handler) are not asked. At most one of a thread lives at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(int after);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // It has happened.
  bool struck() const;
};

}  // namespace testing_support
