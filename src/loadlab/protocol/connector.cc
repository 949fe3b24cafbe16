#include "loadlab/protocol/connector.h"

#include "loadlab/protocol/http1_client.h"
#include "loadlab/protocol/http1_request.h"
#include "loadlab/protocol/http2_pool.h"
#include "loadlab/protocol/http2_request.h"

namespace loadlab {
namespace {

class Http1Connector final : public Connector {
 public:
  explicit Http1Connector(const Dialer& dialer) : context_{dialer} {}

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<Http1Client>(context_, owner); }

 private:
  ClientContext context_;
};

}  // namespace

std::unique_ptr<Request> make_request(const Test& test, const Step& step) {
  if (test.http.version == HttpVersion::http2) return std::make_unique<Http2Request>(step, test.target);
  return std::make_unique<Http1Request>(step, test.target);
}

std::unique_ptr<Connector> make_connector(const Test& test, const Dialer& dialer) {
  if (test.http.version == HttpVersion::http2)
    return std::make_unique<Http2Pool>(dialer, static_cast<std::size_t>(test.http.streams));
  return std::make_unique<Http1Connector>(dialer);
}

}  // namespace loadlab
