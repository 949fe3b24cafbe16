#include "loadlab/session/free_port.h"

#include <gtest/gtest.h>

#include <set>

#include "support/responder.h"

namespace loadlab {
namespace {

TEST(FreePorts, gives_each_port_once_and_none_of_the_kernels) {
  FreePorts ports(20'000, 50'000);
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 50; ++i) {
    const auto port = ports.next();
    ASSERT_TRUE(port);
    EXPECT_TRUE(*port < 20'000 || *port > 50'000) << *port;
    EXPECT_TRUE(seen.insert(*port).second) << *port << " was given before";
  }
}

TEST(FreePorts, gives_none_on_which_somebody_listens) {
  // All but the responder's own port are the kernel's.
  const testing_support::Responder responder;
  FreePorts below(10'000, static_cast<std::uint16_t>(responder.port() - 1));
  for (int i = 0; i < 20; ++i) {
    const auto port = below.next();
    EXPECT_NE(port, std::optional(responder.port()));
  }
}

}  // namespace
}  // namespace loadlab
