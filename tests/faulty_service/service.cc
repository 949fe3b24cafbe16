#include "faulty_service/service.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

namespace faulty {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kHealthyPool = 32;
constexpr std::uint64_t kLeakEvery = 10;
constexpr std::size_t kLeakedBytes = 1024;
constexpr std::uint64_t kCacheKeys = 1000;
constexpr std::size_t kCachedBytes = 8192;
constexpr std::size_t kGarbageBytes = 8192;
constexpr std::size_t kMostGarbage = 1000;
constexpr double kRateLimit = 100;
constexpr std::size_t kBlock = 64 * 1024;
constexpr std::uint64_t kFileBlocks = 256;  // written round and round

// Works on the CPU for about so long.
void burn(std::chrono::nanoseconds time) {
  const auto end = Clock::now() + time;
  while (Clock::now() < end) {
  }
}

// Adds the time of its scope to a counter.
class Timed {
 public:
  explicit Timed(SpentTime& spent) : spent_(spent) {}
  ~Timed() { spent_.add(Clock::now() - begin_); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  SpentTime& spent_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

void Pool::use(std::chrono::nanoseconds query) {
  {
    const Timed timed(wait_);
    std::unique_lock lock(mutex_);
    ++waiting_;
    freed_.wait(lock, [&] { return used_ < size_; });
    --waiting_;
    ++used_;
  }
  std::this_thread::sleep_for(query);
  {
    const std::lock_guard lock(mutex_);
    --used_;
  }
  freed_.notify_one();
}

Service::Service(const Options& options)
    : options_(options), pool_(options.fault == Fault::pool ? 2 : kHealthyPool), random_(options.seed) {
  if (options_.fault != Fault::disk) return;
  const std::string path = options_.folder + "/faulty_service.data";
  file_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file_ >= 0) ::unlink(path.c_str());
}

Service::~Service() {
  if (file_ >= 0) ::close(file_);
  for (char* page : garbage_) ::munmap(page, kGarbageBytes);
}

std::uint64_t Service::draw(std::uint64_t below) {
  const std::lock_guard lock(state_);
  return random_.below(below);
}

Service::Answer Service::work() {
  Answer answer;
  const std::uint64_t number = ++requests_;
  if (options_.fault == Fault::rate_limit && refused_by_rate_limit()) {
    ++limited_;
    answer.status = 429;
    return answer;
  }
  ++in_flight_;
  if (options_.fault == Fault::busy_worker) {
    const std::lock_guard lock(hot_);  // one thing at a time, as interpreters with a global lock do
    burn(2ms);
  } else {
    burn(30us);
    pool_.use((options_.fault == Fault::pool ? 10ms : 4ms) + std::chrono::microseconds(draw(400)));
  }
  switch (options_.fault) {
    case Fault::lock:
      work_under_lock();
      break;
    case Fault::disk:
      write_to_disk();
      break;
    case Fault::downstream: {
      const Timed timed(downstream_time_);
      ++downstream_calls_;
      std::this_thread::sleep_for(100ms + std::chrono::microseconds(draw(2000)));
      break;
    }
    case Fault::cache:
      fill_cache(draw(kCacheKeys));
      break;
    case Fault::sawtooth:
      pile_up_garbage();
      break;
    case Fault::memory_leak:
      leak();
      break;
    case Fault::descriptor_leak:
      if (number % kLeakEvery == 0 && ::open("/dev/null", O_RDONLY | O_CLOEXEC) < 0) answer.status = 500;
      break;
    case Fault::connection_leak:
      answer.close = answer.forget = number % kLeakEvery == 0;
      break;
    case Fault::accept_queue:
      answer.close = true;
      break;
    default:
      break;
  }
  --in_flight_;
  answer.body.assign(200, 'x');
  return answer;
}

bool Service::refused_by_rate_limit() {
  const std::lock_guard lock(state_);
  const auto now = Clock::now();
  tokens_ = std::min(kRateLimit / 10, tokens_ + kRateLimit * std::chrono::duration<double>(now - refilled_).count());
  refilled_ = now;
  if (tokens_ < 1) return true;
  --tokens_;
  return false;
}

void Service::work_under_lock() {
  ++lock_waiting_;
  std::unique_lock<std::mutex> lock(hot_, std::defer_lock);
  {
    const Timed timed(lock_wait_);
    lock.lock();
  }
  --lock_waiting_;
  burn(300us);
  std::this_thread::sleep_for(8ms);
}

void Service::write_to_disk() {
  const std::string block(kBlock, 'x');
  const Timed timed(disk_time_);
  ++disk_writes_;
  const std::lock_guard lock(disk_);
  const auto place = static_cast<off_t>((written_++ % kFileBlocks) * kBlock);
  if (::pwrite(file_, block.data(), block.size(), place) > 0) ::fdatasync(file_);
}

void Service::leak() {
  auto block = std::make_unique<char[]>(kLeakedBytes);
  std::memset(block.get(), 1, kLeakedBytes);
  const std::lock_guard lock(state_);
  leaked_.push_back(std::move(block));
}

void Service::fill_cache(std::uint64_t key) {
  const std::lock_guard lock(state_);
  auto& kept = cache_[key];
  if (kept) return;
  kept = std::make_unique<char[]>(kCachedBytes);
  std::memset(kept.get(), 1, kCachedBytes);
}

void Service::pile_up_garbage() {
  void* page = ::mmap(nullptr, kGarbageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return;
  std::memset(page, 1, kGarbageBytes);
  const std::lock_guard lock(state_);
  garbage_.push_back(static_cast<char*>(page));
  if (garbage_.size() < kMostGarbage) return;
  for (char* old : garbage_) ::munmap(old, kGarbageBytes);
  garbage_.clear();
}

std::string Service::metrics() const {
  std::string text;
  const auto add = [&](const char* name, const char* type, auto value) {
    text += fmt::format("# TYPE {0} {1}\n{0} {2}\n", name, type, value);
  };
  add("http_requests_total", "counter", requests_.load());
  add("http_requests_in_flight", "gauge", in_flight_.load());
  add("rate_limited_total", "counter", limited_.load());
  add("db_pool_size", "gauge", pool_.size());
  add("db_pool_in_use", "gauge", pool_.used());
  add("db_pool_waiting", "gauge", pool_.waiting());
  add("db_pool_wait_seconds_total", "counter", pool_.wait_seconds());
  add("lock_waiting", "gauge", lock_waiting_.load());
  add("lock_wait_seconds_total", "counter", lock_wait_.seconds());
  add("disk_seconds_total", "counter", disk_time_.seconds());
  add("disk_writes_total", "counter", disk_writes_.load());
  add("downstream_seconds_total", "counter", downstream_time_.seconds());
  add("downstream_requests_total", "counter", downstream_calls_.load());
  return text;
}

}  // namespace faulty
