// Reads HTTP/1.1 responses as they arrive (RFC 9112), for a client that needs the status, the end and sometimes the
// body.
//
// Incremental: fed whatever a read brought, in pieces of any size, and holds back only an unfinished line. It never
// copies what nobody asked for. Not thread-safe; one a connection.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "loadlab/protocol/client.h"
#include "loadlab/protocol/content_coding.h"
#include "loadlab/result/tally.h"

namespace loadlab {

// What the last head said that was read: a server's answers resemble each other, and of equal bytes nothing new is to
// be learned. Shared by parsers of one thread.
struct HeadMemo {
  std::string bytes;      // from the status line to the blank line
  bool for_body = false;  // the body was wanted, and so its coding was looked at
  int status = 0;
  bool keep_alive = true;
  bool chunked = false;
  bool has_length = false;
  std::uint64_t length = 0;
  Coding coding = Coding::identity;
};

class Http1Parser {
 public:
  // The memo, if there is one, must outlive it.
  explicit Http1Parser(HeadMemo* memo = nullptr) : memo_(memo) {}

  // A status line with all header lines, and all trailers, may have this many bytes: four times what servers allow.
  static constexpr std::size_t kMaxHeadBytes = 64 * 1024;
  // A body is kept up to this size; a larger one is counted and its text is cut, as captures look at answers, not at
  // downloads.
  static constexpr std::size_t kMaxKeptBody = 8 * 1024 * 1024;
  // Interim answers (1xx) before the real one; more is an attack or a broken server.
  static constexpr int kMaxInterim = 16;

  enum class Progress { more, complete, failed };

  // Makes ready for the answer to a request. A HEAD request's answer has no body, whatever its length says.
  void begin(bool head_request, Wanted wanted);

  // Reads on. After `complete`, `consumed` says how many of the bytes belonged to this answer; what follows is not its
  // part. After `failed`, `fault` and `problem` say why; the connection can't be used any more.
  Progress feed(std::string_view bytes, std::size_t& consumed);

  // The peer closed the connection: the end of an answer that has no other, and a failure within any other.
  Progress finish();

  // Nothing of an answer has arrived yet.
  bool untouched() const { return state_ == State::status_line && head_bytes_ == 0; }

  // Of the answer, or of the interim one that came last.
  int status() const { return status_; }
  // The server has said 100 (Continue): it wants the rest of the request.
  bool continued() const { return continued_; }
  bool keep_alive() const { return keep_alive_; }
  // The header lines of the answer, without its status line, each ended by CRLF; those of interim answers are not
  // among them, nor are trailers. Empty unless wanted, like the body.
  const std::string& head() const { return head_; }
  const std::string& body() const { return body_; }
  bool body_was_cut() const { return body_cut_; }
  // What was done to the body; known only where the body is wanted.
  Coding coding() const { return coding_; }
  Fault fault() const { return fault_; }
  const char* problem() const { return problem_; }

 private:
  enum class State : std::uint8_t {
    status_line,
    header,
    head_end,  // the blank line has been read, and not yet acted upon
    body_by_length,
    body_until_close,
    chunk_size,
    chunk_data,
    chunk_end,
    trailer,
    complete,  // nothing more is read: it and what comes after it
    failed,
  };

  bool in_head() const { return state_ == State::status_line || state_ == State::header; }
  void take_whole_lines(std::string_view& bytes);
  std::size_t read_lines(std::string_view bytes);
  bool take_known_head(std::string_view& bytes);
  void remember(std::string_view head);
  bool take_line(std::string_view& bytes, std::string_view& line);
  bool in_body() const {
    return state_ == State::body_by_length || state_ == State::body_until_close || state_ == State::chunk_data;
  }
  void on_line(std::string_view line);
  void on_status_line(std::string_view line);
  void on_header(std::string_view line);
  void on_folded_line(std::string_view line);
  void on_content_length(std::string_view value);
  void on_transfer_encoding(std::string_view value);
  void on_connection(std::string_view value);
  void on_head_end();
  void on_chunk_size(std::string_view line);
  void take_body(std::string_view& bytes);
  void keep(std::string_view piece);
  bool count_body(std::uint64_t bytes);
  void fail_body();
  void fail(Fault fault, const char* problem);

  // Longer heads are read each time; what is kept is looked at once an answer.
  static constexpr std::size_t kLongestMemo = 2048;

  HeadMemo* memo_;
  State state_ = State::complete;
  bool head_request_ = false;
  Coding coding_ = Coding::identity;
  Wanted wanted_;
  bool keep_alive_ = true;
  bool chunked_ = false;
  bool has_length_ = false;
  bool body_cut_ = false;
  bool continued_ = false;
  bool may_fold_ = false;  // the header line before was one whose value does not matter here
  int interim_ = 0;
  int status_ = 0;
  std::size_t head_bytes_ = 0;
  std::uint64_t remaining_ = 0;  // of the body, or of the chunk
  std::uint64_t counted_ = 0;    // of a body whose length nobody has said
  std::string line_;             // the beginning of a line whose end has not arrived
  std::string head_;
  std::string body_;
  Fault fault_ = Fault::none;
  const char* problem_ = "";
};

}  // namespace loadlab
