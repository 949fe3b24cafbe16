#include "costagent/api/worker_board.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "costagent/api/merge_metrics.h"

namespace costagent {
namespace {

// "workers" and the form of what follows: a descriptor of anything else is refused.
constexpr std::int64_t kMark = 0x776f726b65727301;

// A few more connections than the least loaded worker has are no reason to wait for it.
constexpr std::int64_t kSlack = 1;
constexpr std::int64_t kSlackShare = 8;

// Text in memory that another process may read meanwhile: words, so that reading and writing are each one access.
struct Text {
  SharedNumber size;
  SharedNumber words[WorkerBoard::kMaxText / sizeof(std::int64_t)];

  void set(std::string_view text) {
    assert(text.size() <= WorkerBoard::kMaxText);
    for (std::size_t at = 0; at < text.size(); at += sizeof(std::int64_t)) {
      std::int64_t word = 0;
      std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
      words[at / sizeof word].set(word);
    }
    size.set(static_cast<std::int64_t>(text.size()));
  }

  std::string get() const {
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(size.get()), WorkerBoard::kMaxText), '\0');
    for (std::size_t at = 0; at < text.size(); at += sizeof(std::int64_t)) {
      const std::int64_t word = words[at / sizeof(std::int64_t)].get();
      std::memcpy(text.data() + at, &word, std::min(sizeof word, text.size() - at));
    }
    return text;
  }
};

// What a worker says now, and what is kept of those that had its place before: read and replaced as one.
struct Page {
  Text living;
  Text dead;
};

base::Failure failure(const char* what) {
  return base::fail(base::ErrorKind::io, "memory for the workers to share: {}: {}", what,
                    std::generic_category().message(errno));
}

}  // namespace

struct WorkerBoard::Place {
  SharedNumber worker;  // its number; 0: nobody
  SharedNumber pid;
  SharedNumber serves;
  SharedNumber started;
  SharedNumber restarts;
  HttpCounts http;

  // The page that is valid is that of the generation's last bit; the other one may be being written, and becomes valid
  // with the next generation. A writer that dies in the midst of it has changed nothing.
  SharedNumber generation;
  Page pages[2];

  const Page& valid(std::int64_t of) const { return pages[of & 1]; }
  Page& next() { return pages[(generation.get() + 1) & 1]; }
  void turn_page() { generation.add(1); }
};

struct WorkerBoard::Memory {
  SharedNumber mark;
  SharedNumber places;
  SharedNumber restarts;
  // The places follow.
};

void WorkerBoard::Unmap::operator()(Memory* memory) const { ::munmap(memory, size); }

WorkerBoard::WorkerBoard(base::UniqueFd descriptor, Memory* memory, std::size_t size)
    : descriptor_(std::move(descriptor)), memory_(memory, Unmap{size}) {}

base::Result<WorkerBoard> WorkerBoard::create(unsigned places) {
  base::UniqueFd descriptor(::memfd_create("costagent workers", MFD_CLOEXEC));
  if (!descriptor.is_open()) return failure("making it");
  const std::size_t size = sizeof(Memory) + places * sizeof(Place);
  if (::ftruncate(descriptor.get(), static_cast<off_t>(size)) != 0) return failure("sizing it");
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
  if (mapped == MAP_FAILED) return failure("mapping it");
  auto* const memory = static_cast<Memory*>(mapped);
  memory->places.set(places);
  memory->mark.set(kMark);
  return WorkerBoard(std::move(descriptor), memory, size);
}

base::Result<WorkerBoard> WorkerBoard::join(base::UniqueFd descriptor) {
  const auto refused = [] { return base::fail(base::ErrorKind::invalid, "this is not the memory that workers share"); };
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0 || !S_ISREG(status.st_mode) ||
      static_cast<std::size_t>(status.st_size) < sizeof(Memory) + sizeof(Place)) {
    return refused();
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
  if (mapped == MAP_FAILED) return failure("mapping it");
  WorkerBoard board(std::move(descriptor), static_cast<Memory*>(mapped), size);
  if (board.memory_->mark.get() != kMark || sizeof(Memory) + board.places() * sizeof(Place) != size) return refused();
  return board;
}

unsigned WorkerBoard::places() const { return static_cast<unsigned>(memory_->places.get()); }

WorkerBoard::Place& WorkerBoard::place(unsigned number) const {
  assert(number < places());
  return *(reinterpret_cast<Place*>(memory_.get() + 1) + number);
}

void WorkerBoard::move_in(unsigned number, const WorkerInfo& worker) {
  Place& at = place(number);
  at.serves.set(worker.serves);
  at.pid.set(worker.pid);
  at.started.set(worker.started.time_since_epoch().count());
  at.restarts.set(worker.restarts);
  at.worker.set(worker.number);
}

void WorkerBoard::set_pid(unsigned number, int pid) { place(number).pid.set(pid); }

void WorkerBoard::set_serves(unsigned number, bool serves) { place(number).serves.set(serves); }

void WorkerBoard::move_out(unsigned number) {
  Place& at = place(number);
  at.worker.set(0);
  at.serves.set(0);
  at.http.in_flight.set(0);
  at.http.connections.set(0);
  const Page& last = at.valid(at.generation.get());
  const std::string kept = merge_metrics({last.dead.get(), last.living.get()}, MergeMetrics::counts_only);
  Page& next = at.next();
  next.living.set({});
  // What doesn't fit can't be: the texts have the same series, however many workers there were.
  next.dead.set(kept.size() <= kMaxText ? kept : std::string_view());
  at.turn_page();
}

void WorkerBoard::count_restart() { memory_->restarts.add(1); }

std::int64_t WorkerBoard::restarts() const { return memory_->restarts.get(); }

HttpCounts& WorkerBoard::counts(unsigned number) const { return place(number).http; }

void WorkerBoard::publish(unsigned number, std::string_view text) {
  if (text.size() > kMaxText) return;
  Place& at = place(number);
  Page& next = at.next();
  next.dead.set(at.valid(at.generation.get()).dead.get());
  next.living.set(text);
  at.turn_page();
}

bool WorkerBoard::should_give_way(unsigned number) const {
  const std::int64_t mine = place(number).http.connections.get();
  for (unsigned other = 0; other < places(); ++other) {
    const Place& at = place(other);
    if (other == number || at.serves.get() == 0) continue;
    const std::int64_t theirs = at.http.connections.get();
    if (mine > theirs + kSlack + theirs / kSlackShare) return true;
  }
  return false;
}

std::vector<WorkerInfo> WorkerBoard::workers() const {
  std::vector<WorkerInfo> workers;
  for (unsigned number = 0; number < places(); ++number) {
    const Place& at = place(number);
    if (at.worker.get() == 0) continue;
    WorkerInfo worker;
    worker.number = static_cast<unsigned>(at.worker.get());
    worker.pid = static_cast<int>(at.pid.get());
    worker.serves = at.serves.get() != 0;
    worker.started = base::UtcTime(std::chrono::nanoseconds(at.started.get()));
    worker.restarts = at.restarts.get();
    worker.connections = at.http.connections.get();
    workers.push_back(worker);
  }
  std::sort(workers.begin(), workers.end(), [](const WorkerInfo& a, const WorkerInfo& b) {
    return std::pair(a.number, a.started) < std::pair(b.number, b.started);
  });
  return workers;
}

std::vector<std::string> WorkerBoard::texts() const {
  std::vector<std::string> texts;
  for (unsigned number = 0; number < places(); ++number) {
    const Place& at = place(number);
    for (;;) {
      // What is written meanwhile is the other page; only what comes after that could touch this one.
      const std::int64_t generation = at.generation.get();
      const Page& page = at.valid(generation);
      std::string dead = page.dead.get();
      std::string living = page.living.get();
      if (at.generation.get() != generation) continue;
      if (!dead.empty()) texts.push_back(std::move(dead));
      if (!living.empty()) texts.push_back(std::move(living));
      break;
    }
  }
  return texts;
}

}  // namespace costagent
