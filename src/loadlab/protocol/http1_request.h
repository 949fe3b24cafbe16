// The bytes of a step's HTTP/1.1 request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/plan.h"
#include "loadlab/protocol/request.h"

namespace loadlab {

class Http1Request final : public Request {
 public:
  Http1Request(const Step& step, const Url& target, const Http& http);

  // A request without variables is ready and returned as it is; another is put together in `scratch`. A variable's
  // value is percent-encoded in the path, escaped in a JSON body, and stripped of line ends in a header.
  Message render(const std::vector<std::string>& variables, Scratch& scratch) const override;

 private:
  struct Part {
    std::string literal;  // put before the variable
    bool has_variable = false;
    Template::Variable variable{};
  };

  // Puts the message together; returns how many bytes of it are its body, framing included.
  std::size_t write(const std::vector<std::string>& variables, std::string& out, std::string& body) const;
  void write_chunks(std::string_view body, std::string& out) const;
  void add_literal(std::vector<Part>& parts, std::string_view text);
  void add(std::vector<Part>& parts, const Template& from);

  std::vector<Part> head_;  // up to and without Content-Length
  std::vector<Part> body_;
  bool has_body_ = false;
  std::size_t chunk_size_ = 0;  // 0: not in chunks
  bool expects_continue_ = false;
  std::string whole_;  // the message, where it is constant
  Message message_;    // it, or what is known of it beforehand
};

}  // namespace loadlab
