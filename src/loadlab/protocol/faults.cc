#include "loadlab/protocol/faults.h"

#include <cerrno>

namespace loadlab {

Fault connect_fault(int error) {
  switch (error) {
    case 0:
      return Fault::none;
    case ECONNREFUSED:
      return Fault::connect_refused;
    case ETIMEDOUT:
      return Fault::connect_timeout;
    case EADDRNOTAVAIL:
      return Fault::no_ports;
    case EMFILE:
    case ENFILE:
      return Fault::no_descriptors;
    default:
      return Fault::connect_failed;
  }
}

}  // namespace loadlab
