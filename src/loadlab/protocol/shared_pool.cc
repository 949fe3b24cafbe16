#include "loadlab/protocol/shared_pool.h"

#include <algorithm>

namespace loadlab {

Fault SharedPool::join(SharedClient& client) {
  while (!roomy_.empty()) {
    SharedConnection& last = *roomy_.back();
    if (last.has_room()) {
      last.join(client);
      return Fault::none;
    }
    last.offered_ = false;
    roomy_.pop_back();
  }
  auto connection = std::make_unique<SharedConnection>(*this);
  const Fault fault = connection->open();
  if (fault != Fault::none) return fault;
  connections_.push_back(std::move(connection));
  offer(*connections_.back());
  connections_.back()->join(client);
  return Fault::none;
}

void SharedPool::offer(SharedConnection& connection) {
  if (connection.offered_ || !connection.has_room()) return;
  connection.offered_ = true;
  roomy_.push_back(&connection);
}

void SharedPool::put_off(SharedConnection& connection) {
  put_off_.push_back(&connection);
  put_off_turn();
}

void SharedPool::put_off_turn() {
  if (turn_is_put_off_) return;
  turn_is_put_off_ = true;
  dialer_.poller().at_turn_end(*this);
}

bool SharedPool::on_turn_end() {
  bool news = false;
  turn_is_put_off_ = false;
  working_.swap(put_off_);
  for (SharedConnection* connection : working_) news = connection->end_turn() || news;
  working_.clear();
  if (!any_ended_) return news;
  // Only here is nobody on the stack, or in the poller's batch, who still calls them.
  any_ended_ = false;
  const auto ended = [](const auto& connection) { return connection->has_ended(); };
  std::erase_if(put_off_, ended);
  std::erase_if(roomy_, ended);
  std::erase_if(connections_, ended);
  return news;
}

}  // namespace loadlab
