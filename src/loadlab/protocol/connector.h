// From a test to what carries it out: requests for its steps, clients for its users.
#pragma once

#include <memory>

#include "loadlab/net/destination.h"
#include "loadlab/plan/plan.h"
#include "loadlab/protocol/client.h"
#include "loadlab/protocol/request.h"

namespace loadlab {

// One worker's side of a protocol: what its clients share. Belongs to the worker's thread and outlives its clients.
class Connector {
 public:
  virtual ~Connector() = default;

  // A closed client, whose owner must outlive it.
  virtual std::unique_ptr<Client> client(ClientOwner& owner) = 0;
};

std::unique_ptr<Request> make_request(const Test& test, const Step& step);

// `test`, and what the dialer refers to, must outlive the connector.
std::unique_ptr<Connector> make_connector(const Test& test, const Dialer& dialer);

}  // namespace loadlab
