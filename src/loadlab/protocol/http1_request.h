// The bytes of a step's HTTP/1.1 request, rendered ahead as far as its variables allow.
//
// Immutable once made, so that all workers' threads may share it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/plan.h"

namespace loadlab {

class Http1Request {
 public:
  Http1Request(const Step& step, const Url& target);

  // The whole message. A request without variables is ready and returned as it is; another is put together in
  // `scratch`, which must live as long as the answer is used. A variable's value is percent-encoded in the path,
  // escaped in a JSON body, and stripped of line ends in a header, so that no value can break the message.
  std::string_view render(const std::vector<std::string>& variables, std::string& scratch) const;

  bool is_head() const { return is_head_; }

 private:
  struct Part {
    std::string literal;  // put before the variable
    bool has_variable = false;
    Template::Variable variable{};
  };

  void add_literal(std::vector<Part>& parts, std::string_view text);
  void add(std::vector<Part>& parts, const Template& from);

  std::vector<Part> head_;  // up to and without Content-Length
  std::vector<Part> body_;
  bool has_body_ = false;
  bool is_head_ = false;
  bool constant_ = false;
  std::string whole_;  // the message, where it is constant
};

}  // namespace loadlab
