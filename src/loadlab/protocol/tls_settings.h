// From a plan's settings of TLS to OpenSSL's.
#pragma once

#include <memory>

#include "base/result.h"
#include "loadlab/net/tls_context.h"
#include "loadlab/plan/plan.h"

namespace loadlab {

// For a target with https. Fails (invalid) with the file and OpenSSL's reason where one can't be used.
base::Result<std::shared_ptr<const TlsContext>> make_tls_context(const Test& test);

}  // namespace loadlab
