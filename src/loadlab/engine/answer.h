// An answer as checks and captures look at it.
//
// Views a reply whose head and body were wanted as far as they are asked for, and is good for as long as that. Its body
// is read as JSON once, when that is first asked for. Not thread-safe.
#pragma once

#include <boost/json/fwd.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "loadlab/protocol/client.h"

namespace loadlab {

class Answer {
 public:
  // `duration`: its service time.
  Answer(const Reply& reply, base::Nanoseconds duration);
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  std::string_view body() const { return reply_.body; }
  std::uint64_t size() const { return reply_.bytes_received; }
  base::Nanoseconds duration() const { return duration_; }

  // The values of all headers of that name, in their order and without the blanks around them.
  std::vector<std::string_view> headers(std::string_view name) const;

  // What the body holds at a JSON pointer (RFC 6901); null where it holds nothing there, is not JSON, or is nested
  // deeper than 64 levels.
  const boost::json::value* at(std::string_view pointer);

 private:
  struct Document;

  const Reply& reply_;
  base::Nanoseconds duration_;
  std::unique_ptr<Document> document_;
};

// A value as text: strings as they are, anything else as JSON writes it.
std::string text_of(const boost::json::value& value);

}  // namespace loadlab
