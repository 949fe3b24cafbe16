// The header fields and the body of a step's HTTP/2 request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/plan.h"
#include "loadlab/protocol/request.h"

namespace loadlab {

class Http2Request final : public Request {
 public:
  // A Host header becomes `:authority`. What HTTP/2 forbids, as it is about an HTTP/1.1 connection, is left out
  // (RFC 9113, 8.2.2).
  Http2Request(const Step& step, const Url& target);
  // The fields are views into the strings beside them.
  Http2Request(const Http2Request&) = delete;
  Http2Request& operator=(const Http2Request&) = delete;

  // A request without variables is ready and returned as it is; of another, the texts with variables are put together
  // in `scratch`. A variable's value is escaped as in HTTP/1.1.
  Message render(const std::vector<std::string>& variables, Scratch& scratch) const override;

 private:
  struct Field {
    std::string name;
    Template value;
    std::string text;  // the value, where it is constant
    bool constant = false;
  };

  void add(std::string name, Template value);
  void prepare();

  std::vector<Field> texts_;
  std::vector<HeaderField> fields_;  // of texts_; values only of those that are constant
  Template body_;
  std::string body_text_;  // where it is constant
  std::size_t length_field_ = std::string::npos;
  Message lasting_;  // the whole message, or what is constant of it
};

}  // namespace loadlab
