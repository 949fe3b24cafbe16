// Takes one delivery into a database, whichever it is: puts charges to their slices and parts, sums them, packs their
// raw lines, and writes all that a chunk at a time.
#pragma once

#include <memory>

#include "costagent/domain/fact_store.h"
#include "costagent/store/load_sink.h"

namespace costagent {

std::unique_ptr<FactWriter> make_delivery_writer(std::unique_ptr<LoadSink> sink);

}  // namespace costagent
