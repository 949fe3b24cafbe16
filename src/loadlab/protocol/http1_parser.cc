#include "loadlab/protocol/http1_parser.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "loadlab/protocol/keyword.h"

namespace loadlab {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_ignoring_case(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() &&
         std::equal(a.begin(), a.end(), lower_case.begin(), [](char x, char y) { return lower(x) == y; });
}

inline std::string_view trim(std::string_view text) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  while (begin != end && is_blank(*begin)) ++begin;
  while (begin != end && is_blank(end[-1])) --end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

// The elements of a comma-separated list, trimmed.
template <class Visit>
void for_each_element(std::string_view list, Visit visit) {
  for (;;) {
    const auto comma = list.find(',');
    visit(trim(list.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr std::uint64_t kMaxLength = std::uint64_t{1} << 60;  // far above any body, far below overflow

constexpr Keyword kConnection{"connection"};
constexpr Keyword kContentEncoding{"content-encoding"};
constexpr Keyword kContentLength{"content-length"};
constexpr Keyword kKeepAlive{"keep-alive"};
constexpr Keyword kTransferEncoding{"transfer-encoding"};

}  // namespace

void Http1Parser::begin(bool head_request, Wanted wanted) {
  state_ = State::status_line;
  head_request_ = head_request;
  wanted_ = wanted;
  keep_alive_ = true;
  coding_ = Coding::identity;
  chunked_ = false;
  has_length_ = false;
  body_cut_ = false;
  continued_ = false;
  interim_ = 0;
  status_ = 0;
  head_bytes_ = 0;
  remaining_ = 0;
  counted_ = 0;
  line_.clear();
  head_.clear();
  body_.clear();
  fault_ = Fault::none;
  problem_ = "";
}

Http1Parser::Progress Http1Parser::feed(std::string_view bytes, std::size_t& consumed) {
  const std::size_t offered = bytes.size();
  while (state_ < State::complete) {
    if (in_body()) {
      if (bytes.empty()) break;
      take_body(bytes);
      continue;
    }
    if (in_head() && line_.empty()) {
      if (memo_ != nullptr && take_known_head(bytes)) continue;
      take_whole_lines(bytes);
      if (!in_head()) continue;
    }
    std::string_view line;
    if (!take_line(bytes, line)) break;
    on_line(line);
    line_.clear();
  }
  consumed = offered - bytes.size();
  if (state_ == State::complete) return Progress::complete;
  return state_ == State::failed ? Progress::failed : Progress::more;
}

Http1Parser::Progress Http1Parser::finish() {
  if (state_ == State::body_until_close) {
    state_ = State::complete;
    return Progress::complete;
  }
  if (untouched()) {
    fail(Fault::closed, "the connection was closed before the answer began");
  } else {
    fail(Fault::cut_short, "the connection was closed before the answer was whole");
  }
  return Progress::failed;
}

inline void Http1Parser::on_status_line(std::string_view line) {
  // HTTP/1.x SP 3DIGIT [SP reason]
  const bool good = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && is_digit(line[7]) && line[8] == ' ' &&
                    line[9] >= '1' && line[9] <= '9' && is_digit(line[10]) && is_digit(line[11]) &&
                    (line.size() == 12 || line[12] == ' ');
  if (!good) return fail(Fault::not_http, "it does not begin with an HTTP/1.x status line");
  status_ = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  keep_alive_ = line[7] != '0';
  chunked_ = false;
  has_length_ = false;
  may_fold_ = false;
  state_ = State::header;
}

inline void Http1Parser::on_header(std::string_view line) {
  if (is_blank(line.front())) return on_folded_line(line);
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return fail(Fault::not_http, "a header line has no name");
  // Clients that see a name in "Content-Length :" and those that don't would read two different answers.
  if (is_blank(line[colon - 1])) return fail(Fault::protocol, "a header's name has a space behind it");
  if (wanted_.head) head_.append(line).append("\r\n");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  // Three names decide how the answer goes on, and their lengths tell nearly all others apart at once.
  may_fold_ = false;
  switch (colon) {
    case kConnection.size():
      if (kConnection.is(name)) on_connection(trim(value));
      return;
    case kContentLength.size():
      if (kContentLength.is(name)) on_content_length(trim(value));
      return;
    case kTransferEncoding.size():
      if (kTransferEncoding.is(name)) on_transfer_encoding(trim(value));
      return;
    default:
      may_fold_ = true;
  }
  if (wanted_.body && kContentEncoding.is(name))
    coding_ = coding_ == Coding::identity ? coding_of(value) : Coding::other;
}

// Reads the lines of a head, up to its end, as far as they are all there: nearly all are, and this is what reading an
// answer costs. Returns how many bytes they were.
std::size_t Http1Parser::read_lines(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const limit = at + bytes.size();
  while (at != limit) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(limit - at)));
    if (newline == nullptr) break;
    const char* const end = newline != at && newline[-1] == '\r' ? newline - 1 : newline;
    const std::string_view line(at, static_cast<std::size_t>(end - at));
    at = newline + 1;
    if (state_ == State::status_line) {
      on_status_line(line);
    } else if (line.empty()) {
      state_ = State::head_end;
    } else {
      on_header(line);
    }
    if (state_ != State::header) break;
  }
  return static_cast<std::size_t>(at - bytes.data());
}

// Takes them off the front, within the bound.
void Http1Parser::take_whole_lines(std::string_view& bytes) {
  const bool from_the_start = untouched();
  const std::size_t taken = read_lines(bytes.substr(0, kMaxHeadBytes - head_bytes_));
  if (memo_ != nullptr && from_the_start && state_ == State::head_end) remember(bytes.substr(0, taken));
  head_bytes_ += taken;
  bytes.remove_prefix(taken);
  if (state_ == State::head_end) on_head_end();
}

// Whoever wants the head's lines gets them read.
bool Http1Parser::take_known_head(std::string_view& bytes) {
  const HeadMemo& memo = *memo_;
  if (!untouched() || wanted_.head || wanted_.body != memo.for_body || memo.bytes.empty() ||
      !bytes.starts_with(memo.bytes))
    return false;
  status_ = memo.status;
  keep_alive_ = memo.keep_alive;
  chunked_ = memo.chunked;
  has_length_ = memo.has_length;
  remaining_ = memo.length;
  coding_ = memo.coding;
  head_bytes_ = memo.bytes.size();
  bytes.remove_prefix(memo.bytes.size());
  on_head_end();
  return true;
}

void Http1Parser::remember(std::string_view head) {
  if (head.size() > kLongestMemo || status_ < 200) return;
  memo_->bytes.assign(head);
  memo_->for_body = wanted_.body;
  memo_->status = status_;
  memo_->keep_alive = keep_alive_;
  memo_->chunked = chunked_;
  memo_->has_length = has_length_;
  memo_->length = remaining_;
  memo_->coding = coding_;
}

// Takes a line off the front. False when it has not all arrived: what there is of it is kept for later.
bool Http1Parser::take_line(std::string_view& bytes, std::string_view& line) {
  if (bytes.empty()) return false;
  const void* found = std::memchr(bytes.data(), '\n', bytes.size());
  const std::size_t length =
      found == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + 1;
  head_bytes_ += length;
  if (head_bytes_ > kMaxHeadBytes) {
    if (state_ == State::chunk_size || state_ == State::chunk_end) {
      fail(Fault::bad_chunk, "the line of a chunk's size is longer than 64 KiB");
    } else {
      fail(Fault::head_too_large, "its head is larger than 64 KiB");
    }
    return false;
  }
  if (found == nullptr || !line_.empty()) line_.append(bytes.substr(0, length));
  line = line_.empty() ? bytes.substr(0, length) : std::string_view(line_);
  bytes.remove_prefix(length);
  if (found == nullptr) {
    // Whoever speaks something else need not end a line at all.
    constexpr std::string_view kBegin = "HTTP/1.";
    if (state_ == State::status_line && line.substr(0, kBegin.size()) != kBegin.substr(0, line.size()))
      fail(Fault::not_http, "it does not begin with an HTTP/1.x status line");
    return false;
  }
  return true;
}

void Http1Parser::on_line(std::string_view line) {
  if (in_head()) {
    read_lines(line);
    if (state_ == State::head_end) on_head_end();
    return;
  }
  line.remove_suffix(1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  switch (state_) {
    case State::chunk_size:
      return on_chunk_size(line);
    case State::chunk_end:
      if (!line.empty()) return fail(Fault::wrong_length, "a chunk is longer than its size");
      state_ = State::chunk_size;
      return;
    case State::trailer:
      if (line.empty()) state_ = State::complete;
      return;
    default:
      assert(false);
  }
}

// The rest of a header's value (RFC 9112, 5.2). Where the value decides how long the answer is, nobody folds it but to
// deceive somebody.
void Http1Parser::on_folded_line(std::string_view line) {
  if (!may_fold_) return fail(Fault::protocol, "a header line is folded where none may be");
  if (!wanted_.head) return;
  head_.resize(head_.size() - 2);
  head_.append(" ").append(trim(line)).append("\r\n");
}

void Http1Parser::on_content_length(std::string_view value) {
  if (value.empty()) return fail(Fault::protocol, "its Content-Length is not a number");
  std::uint64_t length = 0;
  for (const char c : value) {
    if (!is_digit(c) || length > kMaxLength) return fail(Fault::protocol, "its Content-Length is not a number");
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (has_length_ && length != remaining_) return fail(Fault::wrong_length, "it has two different Content-Lengths");
  has_length_ = true;
  remaining_ = length;
}

void Http1Parser::on_transfer_encoding(std::string_view value) {
  for_each_element(value, [this](std::string_view coding) { chunked_ = same_ignoring_case(coding, "chunked"); });
  if (!chunked_) fail(Fault::protocol, "its Transfer-Encoding is not chunked");
}

void Http1Parser::on_connection(std::string_view value) {
  if (kKeepAlive.is(value)) {  // what is said nearly always
    keep_alive_ = true;
    return;
  }
  for_each_element(value, [this](std::string_view option) {
    if (kKeepAlive.is(option)) keep_alive_ = true;
    if (same_ignoring_case(option, "close")) keep_alive_ = false;
  });
}

void Http1Parser::on_head_end() {
  if (status_ < 200) {
    if (status_ == 101) return fail(Fault::protocol, "it switches protocols, which nobody asked for");
    if (++interim_ > kMaxInterim) return fail(Fault::endless_interim, "it sends interim answers without end");
    continued_ = continued_ || status_ == 100;
    state_ = State::status_line;
    head_.clear();
    coding_ = Coding::identity;
    remaining_ = 0;
    return;
  }
  if (head_request_ || status_ == 204 || status_ == 304) {
    state_ = State::complete;
  } else if (chunked_) {
    state_ = State::chunk_size;
    remaining_ = 0;
    head_bytes_ = 0;  // chunk sizes are bounded one by one, trailers together
  } else if (has_length_) {
    if (remaining_ > wanted_.max_body) return fail_body();
    state_ = remaining_ == 0 ? State::complete : State::body_by_length;
  } else {
    state_ = State::body_until_close;
    keep_alive_ = false;
  }
}

void Http1Parser::on_chunk_size(std::string_view line) {
  const std::string_view digits = trim(line.substr(0, line.find(';')));
  if (digits.empty() || digits.size() > 15) return fail(Fault::bad_chunk, "a chunk's size is not a hexadecimal number");
  std::uint64_t size = 0;
  for (const char c : digits) {
    const int value = hex_value(c);
    if (value < 0) return fail(Fault::bad_chunk, "a chunk's size is not a hexadecimal number");
    size = size * 16 + static_cast<std::uint64_t>(value);
  }
  if (!count_body(size)) return;
  remaining_ = size;
  head_bytes_ = 0;
  state_ = size == 0 ? State::trailer : State::chunk_data;
}

void Http1Parser::take_body(std::string_view& bytes) {
  if (state_ == State::body_until_close) {
    if (!count_body(bytes.size())) return;
    keep(bytes);
    bytes = {};
    return;
  }
  const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
  keep(bytes.substr(0, length));
  bytes.remove_prefix(length);
  remaining_ -= length;
  if (remaining_ == 0) state_ = state_ == State::chunk_data ? State::chunk_end : State::complete;
}

void Http1Parser::keep(std::string_view piece) {
  if (!wanted_.body) return;
  const std::size_t room = kMaxKeptBody - body_.size();
  body_cut_ |= piece.size() > room;
  body_.append(piece.substr(0, room));
}

bool Http1Parser::count_body(std::uint64_t bytes) {
  counted_ += bytes;
  if (counted_ > wanted_.max_body) fail_body();
  return state_ != State::failed;
}

void Http1Parser::fail_body() { fail(Fault::body_too_large, "its body is longer than the plan allows"); }

void Http1Parser::fail(Fault fault, const char* problem) {
  state_ = State::failed;
  fault_ = fault;
  problem_ = problem;
}

}  // namespace loadlab
