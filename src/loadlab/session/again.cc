#include "loadlab/session/again.h"

#include <fmt/format.h>

namespace loadlab {
namespace {

void note_plays(int played, TestResult& result) {
  result.notes.push_back(
      fmt::format("It was played {} times: before, the generator itself had bent the result.", played));
}

}  // namespace

TestResult play_until_trusted(const std::function<TestResult()>& play, int again, const std::atomic<bool>& stop) {
  TestResult result = play();
  int played = 1;
  for (; played <= again && result.verdict == Verdict::untrusted && !stop; ++played) result = play();
  if (played > 1) note_plays(played, result);
  return result;
}

void play_again_later(std::vector<TestResult>& results, const std::function<TestResult(std::size_t)>& play,
                      const std::function<bool(std::size_t)>& may, int again, const std::atomic<bool>& stop) {
  for (int played = 2; played <= again + 1; ++played) {
    for (std::size_t i = 0; i < results.size() && !stop; ++i) {
      if (results[i].verdict != Verdict::untrusted || !may(i)) continue;
      results[i] = play(i);
      note_plays(played, results[i]);
    }
  }
}

}  // namespace loadlab
