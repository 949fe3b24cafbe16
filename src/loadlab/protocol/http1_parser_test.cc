#include "loadlab/protocol/http1_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"

namespace loadlab {
namespace {

using Progress = Http1Parser::Progress;

struct Answer {
  Progress progress = Progress::more;
  int status = 0;
  bool keep_alive = false;
  std::string head;
  std::string body;
  std::size_t consumed = 0;
  Fault fault = Fault::none;
  std::string problem;
};

// Feeds `text` in pieces of the given sizes (the last is repeated), then closes if `close` says so.
Answer parse(std::string_view text, std::vector<std::size_t> sizes = {SIZE_MAX}, bool head = false,
             bool close = false) {
  Http1Parser parser;
  parser.begin(head, {true, true});
  Answer answer;
  std::size_t at = 0;
  std::size_t piece = 0;
  while (at < text.size() && answer.progress == Progress::more) {
    const std::size_t size = std::min(sizes[std::min(piece++, sizes.size() - 1)], text.size() - at);
    std::size_t consumed = 0;
    answer.progress = parser.feed(text.substr(at, size), consumed);
    at += consumed;
    if (answer.progress == Progress::more) {
      EXPECT_EQ(consumed, size) << "an unfinished answer takes all it is given";
    }
  }
  if (close && answer.progress == Progress::more) answer.progress = parser.finish();
  answer.status = parser.status();
  answer.keep_alive = parser.keep_alive();
  answer.head = parser.head();
  answer.body = parser.body();
  answer.consumed = at;
  answer.fault = parser.fault();
  answer.problem = parser.problem();
  return answer;
}

TEST(Http1Parser, reads_a_body_by_its_length) {
  const auto answer = parse("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhelloNEXT");
  EXPECT_EQ(answer.progress, Progress::complete);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_TRUE(answer.keep_alive);
  EXPECT_EQ(answer.consumed,
            std::string("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello").size());
}

TEST(Http1Parser, reads_chunks_with_extensions_and_trailers) {
  const auto answer = parse(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nX-Sum: "
      "1\r\n\r\n");
  EXPECT_EQ(answer.progress, Progress::complete);
  EXPECT_EQ(answer.body, "hello world");
}

TEST(Http1Parser, any_cutting_into_pieces_gives_the_same_answer) {
  const std::vector<std::string> texts = {
      "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\nhello world",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\ntransfer-encoding: gzip, chunked\r\n\r\n"
      "3\r\nabc\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
  };
  base::Random random(31);
  for (const auto& text : texts) {
    const auto whole = parse(text);
    ASSERT_EQ(whole.progress, Progress::complete) << whole.problem;
    for (int round = 0; round < 300; ++round) {
      std::vector<std::size_t> sizes;
      for (int i = 0; i < 40; ++i) sizes.push_back(1 + random.below(round % 7 + 1));
      const auto pieces = parse(text, sizes);
      ASSERT_EQ(pieces.progress, Progress::complete) << pieces.problem;
      EXPECT_EQ(pieces.status, whole.status);
      EXPECT_EQ(pieces.body, whole.body);
      EXPECT_EQ(pieces.keep_alive, whole.keep_alive);
      EXPECT_EQ(pieces.consumed, text.size());
    }
  }
}

TEST(Http1Parser, knows_which_answers_have_no_body) {
  EXPECT_EQ(parse("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").progress, Progress::complete);
  EXPECT_EQ(parse("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").progress, Progress::complete);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {SIZE_MAX}, true).progress, Progress::complete);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").progress, Progress::complete);
}

TEST(Http1Parser, a_body_without_length_ends_with_the_connection) {
  const auto answer = parse("HTTP/1.1 200 OK\r\n\r\nall of it", {SIZE_MAX}, false, true);
  EXPECT_EQ(answer.progress, Progress::complete);
  EXPECT_EQ(answer.body, "all of it");
  EXPECT_FALSE(answer.keep_alive);
}

TEST(Http1Parser, a_close_in_the_middle_is_a_failure) {
  for (const char* text : {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP",
                           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    EXPECT_EQ(parse(text, {SIZE_MAX}, false, true).fault, Fault::cut_short) << text;
  }
  EXPECT_EQ(parse("", {SIZE_MAX}, false, true).fault, Fault::closed) << "nothing had come";
}

TEST(Http1Parser, a_head_is_kept_line_by_line) {
  const auto answer = parse(
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie: b=2\n"
      "X-Long: one\r\n  two \r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: 1\r\n\r\n",
      {1});
  EXPECT_EQ(answer.progress, Progress::complete) << answer.problem;
  EXPECT_EQ(answer.head, "Set-Cookie: a=1\r\nset-cookie: b=2\r\nX-Long: one two\r\nTransfer-Encoding: chunked\r\n");
}

TEST(Http1Parser, keep_alive_follows_version_and_header) {
  const auto kept = [](std::string_view head) {
    return parse(std::string(head) + "Content-Length: 0\r\n\r\n").keep_alive;
  };
  EXPECT_TRUE(kept("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(kept("HTTP/1.1 200 OK\r\nConnection: Close\r\n"));
  EXPECT_FALSE(kept("HTTP/1.0 200 OK\r\n"));
  EXPECT_TRUE(kept("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n"));
  EXPECT_FALSE(kept("HTTP/1.1 200 OK\r\nConnection: x-hop, close\r\n"));
}

TEST(Http1Parser, each_kind_of_broken_answer_has_its_own_fault) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
  const std::vector<std::pair<Fault, std::vector<std::string>>> kinds = {
      {Fault::not_http,
       {"HTTP/2 200 OK\r\n", "SSH-2.0-OpenSSH", "\x15\x03\x01", "HTTP/1.1 20 OK\r\n", "HTTP/1.1  200 OK\r\n",
        "HTTP/1.1 200OK\r\n", "\r\n", ok + ": no name\r\n", ok + "no colon\r\n"}},
      {Fault::wrong_length, {ok + "Content-Length: 5\r\nContent-Length: 6\r\n", chunked + "3\r\nabcd\r\n"}},
      {Fault::bad_chunk,
       {chunked + "xyz\r\n", chunked + "\r\n", chunked + "-1\r\n", chunked + "ffffffffffffffff1\r\n",
        chunked + "5;" + std::string(Http1Parser::kMaxHeadBytes, 'x')}},
      {Fault::head_too_large,
       {ok + std::string(Http1Parser::kMaxHeadBytes, 'x'),
        chunked + "0\r\n" + std::string(Http1Parser::kMaxHeadBytes + 1, 'x')}},
      {Fault::protocol,
       {ok + "Content-Length: -1\r\n", ok + "Content-Length: 99999999999999999999999\r\n", ok + "Content-Length:\r\n",
        ok + "Content-Length : 5\r\n", ok + " folded at once\r\n", ok + "Content-Length: 1\r\n 5\r\n",
        ok + "Transfer-Encoding: gzip\r\n", "HTTP/1.1 101 Switching\r\n\r\n"}},
  };
  for (const auto& [fault, texts] : kinds) {
    for (const std::string& text : texts) {
      const std::string shown = text.substr(0, 100);
      for (const std::size_t piece : {std::size_t{SIZE_MAX}, std::size_t{1000}, std::size_t{1}}) {
        const auto answer = parse(text, {piece});
        EXPECT_EQ(answer.progress, Progress::failed) << shown;
        EXPECT_EQ(answer.fault, fault) << shown;
        EXPECT_FALSE(answer.problem.empty()) << shown;
      }
    }
  }
}

TEST(Http1Parser, endless_heads_and_interim_answers_are_bounded) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() <= Http1Parser::kMaxHeadBytes) head += "X-Filler: more and more and more\r\n";
  const auto endless = parse(head, {100});
  EXPECT_EQ(endless.fault, Fault::head_too_large);
  EXPECT_LE(endless.head.size(), Http1Parser::kMaxHeadBytes);
  std::string interim;
  for (int i = 0; i <= Http1Parser::kMaxInterim; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
  EXPECT_EQ(parse(interim).fault, Fault::endless_interim);
}

TEST(Http1Parser, a_body_beyond_the_plans_bound_is_a_fault_however_its_length_is_told) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  for (const std::string& text :
       {ok + "Content-Length: 11\r\n\r\n", ok + "Transfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n5\r\n",
        ok + "\r\n12345678901"}) {
    for (const std::uint64_t bound : {10, 11}) {
      Http1Parser parser;
      parser.begin(false, {false, false, bound});
      std::size_t consumed = 0;
      EXPECT_EQ(parser.feed(text, consumed) == Progress::failed, bound == 10) << text;
      EXPECT_EQ(parser.fault(), bound == 10 ? Fault::body_too_large : Fault::none) << text;
    }
  }
  Http1Parser parser;
  std::size_t consumed = 0;
  parser.begin(true, {false, false, 10});
  EXPECT_EQ(parser.feed(ok + "Content-Length: 11\r\n\r\n", consumed), Progress::complete) << "the answer to a HEAD";
}

TEST(Http1Parser, a_head_that_is_known_reads_as_one_that_is_not) {
  const std::string ok = "HTTP/1.1 200 OK\r\nX: y\r\n";
  const std::vector<std::string> answers = {
      ok + "Content-Length: 3\r\n\r\nabc",
      ok + "Content-Length: 4\r\n\r\nabcd",
      ok + "Content-Length: 3\r\nConnection: close\r\n\r\nabc",
      ok + "Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      ok + "Content-Length: 0\r\n\r\n",
      "HTTP/1.1 103 Early Hints\r\n\r\n" + ok + "Content-Length: 3\r\n\r\nabc",
      "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\n\r\nabc",
      ok + "Content-Length: x\r\n\r\nabc",
  };
  HeadMemo memo;
  Http1Parser with(&memo);
  Http1Parser without;
  for (const auto& [head_request, wanted] :
       {std::pair(false, Wanted{false, true}), std::pair(false, Wanted{}), std::pair(false, Wanted{true, true}),
        std::pair(true, Wanted{}), std::pair(false, Wanted{false, true, 3})}) {
    for (std::size_t i = 0; i < 3 * answers.size(); ++i) {
      const std::string& text = answers[i / 3];  // the first time it may be new, the second and third it is known
      std::array<std::size_t, 2> consumed{};
      with.begin(head_request, wanted);
      without.begin(head_request, wanted);
      EXPECT_EQ(with.feed(text, consumed[0]), without.feed(text, consumed[1])) << text;
      EXPECT_EQ(consumed[0], consumed[1]) << text;
      EXPECT_EQ(with.status(), without.status()) << text;
      EXPECT_EQ(with.keep_alive(), without.keep_alive()) << text;
      EXPECT_EQ(with.coding(), without.coding()) << text;
      EXPECT_EQ(with.head(), without.head()) << text;
      EXPECT_EQ(with.body(), without.body()) << text;
      EXPECT_EQ(with.fault(), without.fault()) << text;
    }
  }
}

TEST(Http1Parser, a_known_head_that_comes_in_pieces_is_read_like_any_other) {
  HeadMemo memo;
  Http1Parser parser(&memo);
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    parser.begin(false, {false, true});
    std::size_t consumed = 0;
    EXPECT_EQ(parser.feed(std::string_view(text).substr(0, cut), consumed), Progress::more);
    EXPECT_EQ(consumed, cut);
    EXPECT_EQ(parser.feed(std::string_view(text).substr(cut), consumed), Progress::complete);
    EXPECT_EQ(parser.body(), "abc");
  }
}

TEST(Http1Parser, a_kept_body_is_bounded_and_says_that_it_was_cut) {
  Http1Parser parser;
  parser.begin(false, {false, true});
  std::size_t consumed = 0;
  const std::size_t size = Http1Parser::kMaxKeptBody + 10;
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n", consumed),
            Progress::more);
  EXPECT_EQ(parser.feed(std::string(size, 'x'), consumed), Progress::complete);
  EXPECT_EQ(parser.body().size(), Http1Parser::kMaxKeptBody);
  EXPECT_TRUE(parser.body_was_cut());
}

TEST(Http1Parser, what_nobody_asked_for_is_not_kept) {
  Http1Parser parser;
  parser.begin(false, {});
  std::size_t consumed = 0;
  EXPECT_EQ(parser.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", consumed), Progress::complete);
  EXPECT_TRUE(parser.head().empty());
  EXPECT_TRUE(parser.body().empty());
}

}  // namespace
}  // namespace loadlab
