// What a request does in the faulty service, and what the service tells of it.
//
// A healthy request works a little, holds one of 32 connections to a pretended database for 4 ms, and is done. A fault
// adds to that, or takes room away. Waits are real waits and work is real work, so that a probe sees what it would see
// of a service that has the fault.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "faulty_service/options.h"

namespace faulty {

// A counter of time spent, in nanoseconds.
class SpentTime {
 public:
  void add(std::chrono::nanoseconds time) { nanoseconds_ += static_cast<std::uint64_t>(time.count()); }
  double seconds() const { return static_cast<double>(nanoseconds_) / 1e9; }

 private:
  std::atomic<std::uint64_t> nanoseconds_ = 0;
};

// So many connections to a database, each for one request at a time.
class Pool {
 public:
  explicit Pool(int size) : size_(size) {}

  // Waits for a free connection and holds it for the time given.
  void use(std::chrono::nanoseconds query);

  int size() const { return size_; }
  int used() const { return used_; }
  int waiting() const { return waiting_; }
  double wait_seconds() const { return wait_.seconds(); }

 private:
  const int size_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::atomic<int> used_ = 0;
  std::atomic<int> waiting_ = 0;
  SpentTime wait_;
};

// Thread-safe.
class Service {
 public:
  explicit Service(const Options& options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  struct Answer {
    int status = 200;
    std::string body;
    bool close = false;   // say `Connection: close`
    bool forget = false;  // … and leave the socket open for ever
  };
  Answer work();

  // Prometheus text.
  std::string metrics() const;

 private:
  bool refused_by_rate_limit();
  void work_under_lock();
  void write_to_disk();
  void leak();
  void fill_cache(std::uint64_t key);
  void pile_up_garbage();
  std::uint64_t draw(std::uint64_t below);

  const Options options_;
  Pool pool_;
  std::atomic<std::uint64_t> requests_ = 0;
  std::atomic<std::uint64_t> limited_ = 0;
  std::atomic<int> in_flight_ = 0;

  std::mutex hot_;
  std::atomic<int> lock_waiting_ = 0;
  SpentTime lock_wait_;

  std::mutex disk_;
  int file_ = -1;
  std::uint64_t written_ = 0;
  SpentTime disk_time_;
  std::atomic<std::uint64_t> disk_writes_ = 0;

  SpentTime downstream_time_;
  std::atomic<std::uint64_t> downstream_calls_ = 0;

  std::mutex state_;
  base::Random random_;
  std::vector<std::unique_ptr<char[]>> leaked_;
  std::map<std::uint64_t, std::unique_ptr<char[]>> cache_;
  std::vector<char*> garbage_;  // pages of their own, so that what is thrown away goes back to the system
  double tokens_ = 0;
  std::chrono::steady_clock::time_point refilled_ = std::chrono::steady_clock::now();
};

}  // namespace faulty
