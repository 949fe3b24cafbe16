#include "loadlab/protocol/connector.h"

#include "loadlab/protocol/cookie_client.h"
#include "loadlab/protocol/http1_client.h"
#include "loadlab/protocol/http1_pipeline.h"
#include "loadlab/protocol/http1_request.h"
#include "loadlab/protocol/http2_request.h"
#include "loadlab/protocol/http2_session.h"
#include "loadlab/protocol/redirecting_client.h"
#include "loadlab/protocol/shared_pool.h"

namespace loadlab {
namespace {

class Http1Connector final : public Connector {
 public:
  explicit Http1Connector(const Dialer& dialer) : context_{dialer} {}

  std::unique_ptr<Client> client(ClientOwner& owner) override { return std::make_unique<Http1Client>(context_, owner); }

 private:
  ClientContext context_;
};

std::unique_ptr<Connector> make_plain_connector(const Test& test, const Dialer& dialer) {
  const Http& http = test.http;
  if (http.version == HttpVersion::http2)
    return std::make_unique<SharedPool>(dialer, http2_session, static_cast<std::size_t>(http.streams));
  if (http.pipeline > 1)
    return std::make_unique<SharedPool>(dialer, http1_pipeline, static_cast<std::size_t>(http.pipeline));
  return std::make_unique<Http1Connector>(dialer);
}

}  // namespace

std::unique_ptr<Request> make_request(const Test& test, const Step& step) {
  if (test.http.version == HttpVersion::http2) return std::make_unique<Http2Request>(step, test.target);
  return std::make_unique<Http1Request>(step, test.target, test.http);
}

std::unique_ptr<Connector> make_connector(const Test& test, const Dialer& dialer) {
  auto connector = make_plain_connector(test, dialer);
  if (test.cookies) connector = std::make_unique<CookieConnector>(std::move(connector), test.target.tls);
  if (!test.follows_redirects()) return connector;
  return std::make_unique<RedirectingConnector>(std::move(connector), test.target);
}

}  // namespace loadlab
