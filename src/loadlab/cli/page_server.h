// Serves the pages of a history over HTTP/1.1: for a few people at a time, who only read.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "loadlab/cli/pages.h"

namespace loadlab {

struct PageTimes {
  std::chrono::milliseconds request = std::chrono::seconds(10);  // from a request's first byte to its head's last one
  std::chrono::milliseconds idle = std::chrono::minutes(1);      // from an answer to the next request's first byte
};

// Who answers, each in a thread of its own, so that a comparison or the trends of many runs (Pages::takes_long) hold up
// no other answer.
struct PageAnswers {
  using Answer = std::function<PageAnswer(const std::string& target)>;
  Answer soon;
  Answer late;
};

// Listens at `host`:`port` (0 picks a free one), calls `listening` with the URL, and returns once `stop` is set, which
// is looked at ten times a second. Fails with `io` where it can't listen. `live` is another look at the history of the
// answers, which are waited for once it has stopped: those that take long must see `stop` themselves. None of them
// holds up the streams of runs in progress, or who comes and goes.
//
// At most 64 connections, of which 32 follow runs; further ones are closed, or told so (503). A request's head has
// 8 KiB at most (431) and is there within 10 s of its first byte; the first byte of a connection comes within 10 s,
// too, and that of a further request within a minute. Only GET and HEAD without a body are answered (405, 400), and
// only to a Host that is a number or `localhost` (421), so that no page of elsewhere can read this one by a name of its
// own.
base::Result<> serve_pages(const PageAnswers& answers, History& live, const std::string& host, unsigned short port,
                           const std::atomic<bool>& stop, const std::function<void(const std::string& url)>& listening,
                           const PageTimes& times = {});

}  // namespace loadlab
