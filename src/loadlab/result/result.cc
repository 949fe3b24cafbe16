#include "loadlab/result/result.h"

#include <algorithm>

namespace loadlab {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::untrusted:
      return "untrusted";
    case Verdict::error:
      return "error";
  }
  return "error";
}

Verdict worse(Verdict a, Verdict b) { return std::max(a, b); }

double Generator::busiest_worker_percent() const {
  return worker_percents.empty() ? 0.0 : *std::max_element(worker_percents.begin(), worker_percents.end());
}

}  // namespace loadlab
