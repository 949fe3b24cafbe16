// A test of one step, put together by hand: for the tests of clients that a plan's switches wrap.
#pragma once

#include <fmt/format.h>

#include <cstdint>

#include "loadlab/protocol/connector.h"

namespace loadlab {

// Against the server on that port of 127.0.0.1. Within TEST(…) the name Test means the testing framework's.
inline loadlab::Test one_step_test(std::uint16_t port, const Step& step, const Http& http) {
  loadlab::Test test;
  test.target.text = fmt::format("http://127.0.0.1:{}", port);
  test.target.host = "127.0.0.1";
  test.target.port = port;
  test.http = http;
  Journey journey;
  journey.steps.push_back(step);
  Load load;
  load.journeys.push_back(journey);
  test.loads.push_back(load);
  return test;
}

inline Destination destination_of(std::uint16_t port) {
  Destination destination;
  destination.addresses = {resolve("127.0.0.1", port).value().front()};
  return destination;
}

}  // namespace loadlab
