#include "loadlab/protocol/faults.h"

#include <cerrno>

#include "loadlab/net/tls.h"

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
    case kTlsFailed:
      return Fault::tls_failed;
    case kTlsUntrusted:
      return Fault::tls_untrusted;
    case kTlsNoCommonProtocol:
      return Fault::tls_no_protocol;
    case kTlsFlood:
      return Fault::flood;
    default:
      return Fault::connect_failed;
  }
}

Fault receive_fault(int error) {
  switch (error) {
    case kTlsFailed:
      return Fault::tls_failed;
    case kTlsTruncated:
      return Fault::tls_truncated;
    case kTlsFlood:
      return Fault::flood;
    default:
      return Fault::reset;
  }
}

}  // namespace loadlab
