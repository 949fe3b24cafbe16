// Work that a caller asked for and need not wait for.
#pragma once

#include <string>

#include "base/time.h"

namespace costagent {

enum class JobState { queued, running, done, failed };

struct Job {
  std::string id;
  std::string kind;  // "collect"
  std::string customer;
  JobState state = JobState::queued;
  std::string result;  // a JSON object once done; else empty
  std::string error;   // a sentence once failed; else empty
  base::Seconds created;
  base::Seconds finished;
};

}  // namespace costagent
