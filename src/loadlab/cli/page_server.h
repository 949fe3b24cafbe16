// Serves the pages of a history over HTTP/1.1, on one thread: for a few people at a time, who only read.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "loadlab/cli/pages.h"

namespace loadlab {

// Listens at `host`:`port` (0 picks a free one), calls `listening` with the URL, and returns once `stop` is set, which
// is looked at ten times a second. Fails with `io` where it can't listen. At most 64 connections; further ones are
// closed. A request's head has 8 KiB at most and comes within 10 s. Only GET and HEAD are answered, and only to a Host
// that is a number or `localhost`, so that no page of elsewhere can read this one by a name of its own.
base::Result<> serve_pages(Pages& pages, const std::string& host, unsigned short port, const std::atomic<bool>& stop,
                           const std::function<void(const std::string& url)>& listening);

}  // namespace loadlab
