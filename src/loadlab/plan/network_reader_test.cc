#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loadlab/plan/load_plan.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string plan_with(const std::string& line) {
  return "target: https://127.0.0.1:8443\nusers: 1\nsteps: [GET /]\n" + line + "\n";
}

Network network_of(const std::string& line) {
  const auto plan = load_plan_text(plan_with(line), "/plans/plan.yaml", {});
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? plan->tests.front().network : Network();
}

std::string complaint_of(const std::string& line) {
  const auto plan = load_plan_text(plan_with(line), "plan.yaml", {});
  return plan ? "none" : plan.error().message;
}

TEST(Network, files_of_tls_lie_beside_the_plan) {
  const TlsSettings tls =
      network_of("tls: {ca_file: ca.pem, certificate: own/c.pem, key: /keys/k.pem, server_name: shop.test}").tls;
  EXPECT_EQ(tls.ca_file, "/plans/ca.pem");
  EXPECT_EQ(tls.certificate, "/plans/own/c.pem");
  EXPECT_EQ(tls.key, "/keys/k.pem");
  EXPECT_EQ(tls.server_name, "shop.test");
  EXPECT_FALSE(tls.insecure);
  EXPECT_TRUE(tls.resumption);
}

TEST(Network, tls_can_be_narrowed) {
  const TlsSettings tls = network_of("tls: {insecure: true, resumption: false, min_version: 1.3}").tls;
  EXPECT_TRUE(tls.insecure);
  EXPECT_FALSE(tls.resumption);
  EXPECT_EQ(tls.min_version, TlsVersion::tls13);
  EXPECT_THAT(complaint_of("tls: {min_version: 1.3, max_version: 1.2}"), HasSubstr("the lowest version is above"));
  EXPECT_THAT(complaint_of("tls: {min_version: 1.1}"), HasSubstr("expected 1.2 or 1.3, not '1.1'"));
  EXPECT_THAT(complaint_of("tls: {certificate: c.pem}"), HasSubstr("'certificate' and 'key' belong together"));
  EXPECT_THAT(complaint_of("tls: {insecur: true}"), HasSubstr("did you mean 'insecure'"));
}

TEST(Network, the_command_line_wins) {
  Overrides overrides;
  overrides.insecure = true;
  overrides.ca_file = "other.pem";
  const auto plan = load_plan_text(plan_with("tls: {ca_file: ca.pem}"), "plan.yaml", overrides);
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->tests.front().network.tls.insecure);
  EXPECT_EQ(plan->tests.front().network.tls.ca_file, "other.pem");
  overrides.key = "key.pem";
  EXPECT_THAT(load_plan_text(plan_with(""), "plan.yaml", overrides).error().message, HasSubstr("--cert and --key"));
}

TEST(Network, sources_are_addresses_and_ranges_of_one_family) {
  EXPECT_THAT(network_of("source_addresses: 127.0.0.2").source_addresses, ElementsAre("127.0.0.2"));
  EXPECT_THAT(network_of("source_addresses: [127.0.0.9, 127.0.0.254-127.0.1.1]").source_addresses,
              ElementsAre("127.0.0.9", "127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"));
  EXPECT_THAT(network_of("source_addresses: 'fd00::fffe-fd00::1:0'").source_addresses,
              ElementsAre("fd00::fffe", "fd00::ffff", "fd00::1:0"));
  EXPECT_THAT(complaint_of("source_addresses: localhost"), HasSubstr("expected an IP address or a range"));
  EXPECT_THAT(complaint_of("source_addresses: 127.0.0.9-127.0.0.2"), HasSubstr("expected an IP address or a range"));
  EXPECT_THAT(complaint_of("source_addresses: 10.0.0.0-10.255.0.0"), HasSubstr("more than 256 addresses"));
  EXPECT_THAT(complaint_of("source_addresses: [127.0.0.2, '::1']"), HasSubstr("can't be mixed"));
}

TEST(Network, addresses_and_keep_alive) {
  EXPECT_FALSE(network_of("").first_address_only);
  EXPECT_TRUE(network_of("addresses: first").first_address_only);
  EXPECT_EQ(network_of("keep_alive: 5s").keep_alive_for, 5s);
  EXPECT_THAT(complaint_of("addresses: some"), HasSubstr("expected all or first, not 'some'"));
}

}  // namespace
}  // namespace loadlab
