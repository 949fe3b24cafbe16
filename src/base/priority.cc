#include "base/priority.h"

#include <unistd.h>

namespace base {

// Five steps of a fifth each. To ask for less is always allowed.
void give_way() { static_cast<void>(::nice(5)); }

}  // namespace base
