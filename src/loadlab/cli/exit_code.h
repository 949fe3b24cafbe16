// What loadlab's exit codes mean. Programs rely on them.
#pragma once

#include "loadlab/result/result.h"

namespace loadlab {

enum class ExitCode : int {
  pass = 0,
  fail = 1,       // a threshold was broken
  usage = 2,      // the plan or the arguments are wrong
  error = 3,      // the run could not be carried out
  untrusted = 4,  // the generator, or the host, bent the result
};

inline ExitCode exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return ExitCode::pass;
    case Verdict::fail:
      return ExitCode::fail;
    case Verdict::untrusted:
      return ExitCode::untrusted;
    case Verdict::error:
      return ExitCode::error;
  }
  return ExitCode::error;
}

}  // namespace loadlab
