// What costagent's exit codes mean. Programs rely on them.
#pragma once

#include "base/result.h"

namespace costagent {

enum class ExitCode : int {
  done = 0,
  in_part = 1,  // what was rejected is listed
  usage = 2,    // the arguments or the configuration are wrong
  could_not = 3,
};

// Bad input is the caller's to mend; anything else is not.
inline ExitCode exit_code(const base::Error& error) {
  return error.kind == base::ErrorKind::invalid || error.kind == base::ErrorKind::not_found ||
                 error.kind == base::ErrorKind::conflict
             ? ExitCode::usage
             : ExitCode::could_not;
}

}  // namespace costagent
