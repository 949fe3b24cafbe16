// What the tests of caches share.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "costagent/domain/answer_cache.h"

namespace costagent::cache_testing {

// Whoever enters waits until it is opened.
class Gate {
 public:
  void enter() {
    std::unique_lock lock(mutex_);
    ++entered_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void await(int entered) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_ >= entered; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int entered_ = 0;
  bool open_ = false;
};

// For what other threads and processes bring about: looks again and again, and gives up when nobody would wait longer.
template <class Condition>
bool comes_true(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

// What is logged while it is there.
class CapturedLog {
 public:
  CapturedLog() { testing::internal::CaptureStderr(); }
  ~CapturedLog() {
    if (!told_) (void)testing::internal::GetCapturedStderr();
  }
  CapturedLog(const CapturedLog&) = delete;
  CapturedLog& operator=(const CapturedLog&) = delete;

  // Ends it. Called once.
  std::string text() {
    told_ = true;
    return testing::internal::GetCapturedStderr();
  }

 private:
  bool told_ = false;
};

// A maker of this text.
inline MakeAnswer says(std::string text) {
  return [text = std::move(text)]() -> base::Result<std::string> { return text; };
}

// A maker that must not be called.
inline base::Result<std::string> made_in_vain() {
  ADD_FAILURE() << "an answer was made again";
  return std::string("made in vain");
}

inline AnswerKey question(const std::string& text, std::int64_t version = 1, const std::string& customer = "acme") {
  return {customer, version, text};
}

// The answer's text, or the failure's.
inline std::string text_of(const base::Result<Answer>& answer) { return answer ? **answer : answer.error().message; }

}  // namespace costagent::cache_testing
