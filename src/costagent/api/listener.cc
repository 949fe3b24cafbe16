#include "costagent/api/listener.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace costagent {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { ::freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// Numbers alone, so that no name server is asked; and only whole ones, as 127.1 is a slip more often than it is meant.
Addresses address_of(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  in_addr v4{};
  if (!v6 && ::inet_pton(AF_INET, host.c_str(), &v4) != 1) return nullptr;
  addrinfo wanted{};
  wanted.ai_family = v6 ? AF_INET6 : AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) return nullptr;
  return Addresses(found);
}

}  // namespace

base::Result<base::UniqueFd> open_listener(const std::string& host, std::uint16_t port) {
  const auto address = address_of(host, port);
  if (!address) {
    return base::fail_field("listen", "'{}' is no address to listen on: expected one such as 127.0.0.1", host);
  }
  base::UniqueFd listener(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (!listener.is_open() || ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(listener.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(listener.get(), SOMAXCONN) != 0) {
    return base::fail(base::ErrorKind::io, "can't listen on {}:{}: {}", host, port,
                      std::generic_category().message(errno));
  }
  return listener;
}

std::string url_of(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "";
  char port[NI_MAXSERV] = "";
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV);
  }
  const bool v6 = address.ss_family == AF_INET6;
  return fmt::format("http://{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

}  // namespace costagent
