#include "loadlab/protocol/connector.h"

#include "loadlab/protocol/http1_client.h"
#include "loadlab/protocol/http1_request.h"

namespace loadlab {
namespace {

class Http1Connector final : public Connector {
 public:
  Http1Connector(Poller& poller, const Address& address) : context_{poller, address} {}

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<Http1Client>(context_, owner); }

 private:
  ClientContext context_;
};

}  // namespace

std::unique_ptr<Request> make_request(const Test& test, const Step& step) {
  return std::make_unique<Http1Request>(step, test.target);
}

std::unique_ptr<Connector> make_connector(const Test&, const Address& address, Poller& poller) {
  return std::make_unique<Http1Connector>(poller, address);
}

}  // namespace loadlab
