#include "loadlab/protocol/http2_session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "loadlab/protocol/http1_parser.h"
#include "support/http2_frames.h"

namespace loadlab {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

constexpr std::uint8_t kAnyEnd = http2::kEndHeaders | http2::kEndStream;

// A session with the server played by hand: frames in, frames out.
class Peer final : public SessionOwner {
 public:
  Peer() {
    sent = take_output();
    EXPECT_TRUE(sent.starts_with(http2::kPreface));
    sent.erase(0, http2::kPreface.size());
  }

  void on_settings() override { ++settings; }
  void on_going_away() override { ++goings_away; }
  void on_exchange_end(Exchange& exchange, Fault fault) override { ended.emplace_back(&exchange, fault); }

  std::string take_output() {
    std::string out;
    EXPECT_EQ(session.collect(out, 1 << 20), Fault::none);
    return out;
  }
  // What the client answers to these bytes, frame by frame.
  std::vector<http2::Frame> exchange_frames(std::string_view bytes) {
    EXPECT_EQ(session.feed(bytes, 1s), Fault::none);
    return frames(take_output());
  }
  static std::vector<http2::Frame> frames(std::string bytes) {
    std::vector<http2::Frame> all;
    for (http2::Frame frame; http2::take(bytes, frame);) all.push_back(frame);
    EXPECT_TRUE(bytes.empty());
    return all;
  }
  void submit(Exchange& exchange, Wanted wanted = {}, std::string_view body = {}) {
    Message message;
    message.fields = fields;
    message.body = body;
    ASSERT_TRUE(session.submit(exchange, message, wanted));
  }
  Fault fault_of(const Exchange& exchange) const {
    const auto found =
        std::find_if(ended.begin(), ended.end(), [&](const auto& end) { return end.first == &exchange; });
    return found == ended.end() ? Fault::cut_off : found->second;
  }

  std::vector<HeaderField> fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}};
  Http2Session session{*this};
  std::string sent;
  int settings = 0;
  int goings_away = 0;
  std::vector<std::pair<Exchange*, Fault>> ended;
};

TEST(Http2Session, begins_with_wide_windows_and_without_pushes) {
  Peer peer;
  const auto frames = Peer::frames(peer.sent);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].type, http2::kSettings);
  EXPECT_NE(frames[0].payload.find(http2::number(2, 2) + http2::number(0, 4)), std::string::npos) << "ENABLE_PUSH 0";
  EXPECT_NE(frames[0].payload.find(http2::number(4, 2) + http2::number(1 << 20, 4)), std::string::npos);
  EXPECT_EQ(frames[1].type, http2::kWindowUpdate);
  EXPECT_EQ(frames[1].payload, http2::number((16 << 20) - 65535, 4));
}

TEST(Http2Session, requests_and_answers_of_several_streams_cross) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  Exchange first, second;
  peer.submit(first, {true, true});
  peer.submit(second, {false, true});
  const auto sent = Peer::frames(peer.take_output());
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].flags & kAnyEnd, kAnyEnd);
  EXPECT_EQ(first.bytes_sent, http2::kFrameHead + sent[0].payload.size());

  const std::string head = std::string(http2::kStatus200) + http2::literal("x-one", "1");
  const std::string answers = http2::frame(http2::kHeaders, http2::kEndHeaders, 1, head) + http2::answer(3, "two") +
                              http2::frame(http2::kData, http2::kEndStream, 1, "one");
  peer.exchange_frames(answers);
  EXPECT_EQ(peer.fault_of(first), Fault::none);
  EXPECT_EQ(peer.fault_of(second), Fault::none);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.head, "x-one: 1\r\n");
  EXPECT_EQ(first.body, "one");
  EXPECT_EQ(second.body, "two");
  EXPECT_EQ(second.head, "") << "nobody asked for it";
  EXPECT_EQ(first.bytes_received + second.bytes_received, answers.size());
  EXPECT_EQ(first.first_byte, 1s);
  EXPECT_EQ(first.stream, 0) << "free for the next";
}

TEST(Http2Session, a_message_that_does_not_last_may_go_once_it_is_submitted) {
  const auto frames_sent = [](bool overwrite) {
    Peer peer;
    Exchange exchange;
    std::string path = "/a-path-of-some-length";
    std::string body(40'000, 'b');
    peer.fields[3].value = path;
    peer.submit(exchange, {}, body);
    if (overwrite) path.assign(path.size(), 'X');
    if (overwrite) body.assign(body.size(), 'X');
    return peer.take_output();
  };
  EXPECT_EQ(frames_sent(true), frames_sent(false));
  EXPECT_GT(frames_sent(true).size(), 40'000u);
}

TEST(Http2Session, an_interim_answer_is_not_the_answer_and_trailers_are_no_head) {
  Peer peer;
  Exchange exchange;
  peer.submit(exchange, {true, true});
  peer.take_output();
  const std::string interim = http2::literal(":status", "103") + http2::literal("link", "x");
  const std::string head = std::string(http2::kStatus200) + http2::literal("a", "b");
  peer.exchange_frames(http2::settings() + http2::frame(http2::kHeaders, http2::kEndHeaders, 1, interim) +
                       http2::frame(http2::kHeaders, http2::kEndHeaders, 1, head) +
                       http2::frame(http2::kData, 0, 1, "ok") +
                       http2::frame(http2::kHeaders, kAnyEnd, 1, http2::literal("t", "u")));
  EXPECT_EQ(peer.fault_of(exchange), Fault::none);
  EXPECT_EQ(exchange.status, 200);
  EXPECT_EQ(exchange.head, "a: b\r\n");
  EXPECT_EQ(exchange.body, "ok");
}

TEST(Http2Session, each_way_to_end_a_stream_has_its_own_fault) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  Exchange reset, refused, half, wrong_length, beyond, late_reset;
  for (auto* exchange : {&reset, &refused, &half, &wrong_length, &late_reset, &beyond}) peer.submit(*exchange);
  peer.take_output();
  const std::string long_head = std::string(http2::kStatus200) + http2::literal("content-length", "9");
  peer.exchange_frames(http2::rst_stream(1, NGHTTP2_INTERNAL_ERROR) + http2::rst_stream(3, NGHTTP2_REFUSED_STREAM) +
                       http2::frame(http2::kHeaders, http2::kEndHeaders, 5, http2::kStatus200) +
                       http2::rst_stream(5, NGHTTP2_NO_ERROR) +
                       http2::frame(http2::kHeaders, http2::kEndHeaders, 7, long_head) +
                       http2::frame(http2::kData, http2::kEndStream, 7, "short") + http2::goaway(9));
  EXPECT_EQ(peer.fault_of(reset), Fault::stream_reset);
  EXPECT_EQ(peer.fault_of(refused), Fault::stream_refused);
  EXPECT_EQ(peer.fault_of(half), Fault::stream_reset) << "an answer without its end is none, whatever the code says";
  EXPECT_EQ(peer.fault_of(wrong_length), Fault::protocol);
  EXPECT_EQ(peer.fault_of(beyond), Fault::going_away);
  EXPECT_EQ(peer.goings_away, 1);
  EXPECT_FALSE(peer.session.is_over()) << "one is still to be answered";
  peer.exchange_frames(http2::answer(9, "late"));
  EXPECT_EQ(peer.fault_of(late_reset), Fault::none);
  EXPECT_TRUE(peer.session.is_over());
}

TEST(Http2Session, a_status_that_is_none_costs_its_stream) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  Exchange odd, good;
  for (auto* exchange : {&odd, &good}) peer.submit(*exchange);
  peer.take_output();
  peer.exchange_frames(http2::frame(http2::kHeaders, kAnyEnd, 1, http2::literal(":status", "004")) +
                       http2::answer(3, "fine"));
  EXPECT_EQ(peer.fault_of(odd), Fault::protocol);
  EXPECT_EQ(peer.fault_of(good), Fault::none);
}

TEST(Http2Session, an_answer_before_the_request_is_all_sent_is_whole) {
  Peer peer;
  Exchange exchange;
  const std::string body(200'000, 'p');
  peer.submit(exchange, {}, body);
  peer.take_output();
  peer.exchange_frames(http2::settings() + http2::answer(1, "enough") + http2::rst_stream(1, NGHTTP2_NO_ERROR));
  EXPECT_EQ(peer.fault_of(exchange), Fault::none);
}

TEST(Http2Session, nothing_more_is_said_of_a_cancelled_exchange) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  {
    Exchange unsent, sent;
    peer.submit(sent);
    peer.take_output();
    peer.submit(unsent, {}, "body");
    peer.session.cancel(sent);
    peer.session.cancel(unsent);
  }
  const auto frames = peer.exchange_frames(http2::answer(1, "too late"));
  ASSERT_GE(frames.size(), 1u);
  EXPECT_EQ(frames[0].type, http2::kRstStream);
  EXPECT_TRUE(peer.ended.empty());
}

TEST(Http2Session, a_head_beyond_the_bound_costs_its_stream_not_the_connection) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  Exchange bomb, other;
  peer.submit(bomb, {true, false});
  peer.submit(other);
  peer.take_output();
  // One field of the dynamic table, then thousands of one-byte references to it (an HPACK bomb).
  const std::string field = "\x40" + http2::literal("x", std::string(120, 'v')).substr(1);
  const std::string block = std::string(http2::kStatus200) + field + std::string(16'000, '\xbe');
  const auto frames = peer.exchange_frames(http2::frame(http2::kHeaders, kAnyEnd, 1, block));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].type, http2::kRstStream);
  EXPECT_EQ(peer.fault_of(bomb), Fault::head_too_large);
  EXPECT_LE(bomb.head.size(), Http1Parser::kMaxHeadBytes);
  peer.exchange_frames(http2::answer(3, "fine"));
  EXPECT_EQ(peer.fault_of(other), Fault::none);
}

TEST(Http2Session, a_body_beyond_the_plans_bound_costs_its_stream_not_the_connection) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  Exchange endless, other;
  peer.submit(endless, {false, true, 10});
  peer.submit(other, {false, true, 10});
  peer.take_output();
  peer.exchange_frames(http2::frame(http2::kHeaders, http2::kEndHeaders, 1, http2::kStatus200));
  EXPECT_TRUE(peer.exchange_frames(http2::frame(http2::kData, 0, 1, "1234567890")).empty());
  const auto frames = peer.exchange_frames(http2::frame(http2::kData, 0, 1, "1"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].type, http2::kRstStream);
  EXPECT_EQ(peer.fault_of(endless), Fault::body_too_large);
  peer.exchange_frames(http2::answer(3, "1234567890"));
  EXPECT_EQ(peer.fault_of(other), Fault::none);
}

TEST(Http2Session, a_body_is_kept_up_to_the_bound) {
  Peer peer;
  Exchange exchange;
  peer.submit(exchange, {false, true});
  peer.take_output();
  peer.exchange_frames(http2::settings() + http2::frame(http2::kHeaders, http2::kEndHeaders, 1, http2::kStatus200));
  const std::string piece = http2::frame(http2::kData, 0, 1, std::string(16'384, 'd'));
  for (int i = 0; i < 600; ++i) peer.exchange_frames(piece);
  peer.exchange_frames(http2::frame(http2::kData, http2::kEndStream, 1, "!"));
  EXPECT_EQ(peer.fault_of(exchange), Fault::none);
  EXPECT_EQ(exchange.body.size(), Http1Parser::kMaxKeptBody);
  EXPECT_TRUE(exchange.body_was_cut);
  EXPECT_GT(exchange.bytes_received, 600u * 16'384);
}

// How a connection ends on which the server repeats these bytes for a second, in reads of some 16 KB.
Fault fault_of_flood(const std::string& bytes) {
  Peer peer;
  Exchange exchange;
  peer.submit(exchange);
  peer.take_output();
  std::string piece;
  while (piece.size() < 16'000) piece += bytes;
  EXPECT_EQ(peer.session.feed(http2::settings(), 1s), Fault::none);
  std::string out;
  for (int i = 0; i < 1000; ++i) {
    if (const Fault fault = peer.session.feed(piece, 1s); fault != Fault::none) return fault;
    out.clear();
    if (const Fault fault = peer.session.collect(out, 1 << 20); fault != Fault::none) return fault;
    EXPECT_LE(out.size(), 100'000u) << "what is owed to the server is bounded";
    if (peer.session.is_over()) return Fault::protocol;
  }
  return Fault::none;
}

TEST(Http2Session, floods_end_the_connection) {
  EXPECT_EQ(fault_of_flood(http2::settings()), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::settings({{3, 100}, {3, 1}})), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kPing, 0, 0, "12345678")), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kPing, http2::kAck, 0, "12345678")), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kPriority, 0, 1, std::string("\0\0\0\3\1", 5))), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::rst_stream(1, NGHTTP2_CANCEL)), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::goaway(1)), Fault::flood);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kHeaders, 0, 1, http2::kStatus200) +
                           http2::frame(http2::kContinuation, 0, 1) + http2::frame(http2::kContinuation, 0, 1) +
                           http2::frame(http2::kContinuation, 0, 1) + http2::frame(http2::kContinuation, 0, 1) +
                           http2::frame(http2::kContinuation, 0, 1) + http2::frame(http2::kContinuation, 0, 1) +
                           http2::frame(http2::kContinuation, 0, 1) + http2::frame(http2::kContinuation, 0, 1) +
                           http2::frame(http2::kContinuation, 0, 1) + http2::frame(http2::kContinuation, 0, 1)),
            Fault::flood);
}

TEST(Http2Session, what_is_not_http2_ends_the_connection) {
  EXPECT_EQ(fault_of_flood("HTTP/1.1 400 Bad Request\r\n\r\n"), Fault::protocol);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kData, 0, 0, "stream 0")), Fault::protocol);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kHeaders, kAnyEnd, 2, http2::kStatus200)), Fault::protocol);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kHeaders, kAnyEnd, 1, "\xff\xff\xff\xff\xff")), Fault::protocol);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kSettings, 0, 0, "odd")), Fault::protocol);
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kData, 0, 1, std::string(20'000, 'x'))), Fault::protocol)
      << "frames have at most 16 KiB unless more was allowed";
  EXPECT_EQ(fault_of_flood(http2::frame(http2::kWindowUpdate, 0, 0, http2::number(0x7fffffff, 4))), Fault::protocol);
}

TEST(Http2Session, a_push_is_refused) {
  Peer peer;
  Exchange exchange;
  peer.submit(exchange);
  peer.take_output();
  peer.exchange_frames(http2::settings() + http2::settings_ack());
  peer.exchange_frames(http2::frame(http2::kPushPromise, http2::kEndHeaders, 1, http2::number(2, 4) + "\x82\x84\x86"));
  EXPECT_TRUE(peer.session.is_over());
}

TEST(Http2Session, pings_are_answered_and_a_few_are_no_flood) {
  Peer peer;
  peer.exchange_frames(http2::settings());
  const auto frames = peer.exchange_frames(http2::frame(http2::kPing, 0, 0, "12345678"));
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].type, http2::kPing);
  EXPECT_EQ(frames[0].flags, http2::kAck);
  EXPECT_EQ(frames[0].payload, "12345678");
  for (base::Nanoseconds now = 1s; now < 200s; now += 1s) {
    for (int i = 0; i < 500; ++i)
      ASSERT_EQ(peer.session.feed(http2::frame(http2::kPing, 0, 0, "12345678"), now), Fault::none);
    peer.take_output();
  }
}

}  // namespace
}  // namespace loadlab
