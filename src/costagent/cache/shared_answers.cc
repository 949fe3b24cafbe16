#include "costagent/cache/shared_answers.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/log.h"
#include "costagent/domain/customer.h"
#include "costagent/domain/version.h"
#include "io/digest.h"

namespace costagent {
namespace {

using io::RedisReply;

// Longer than any answer lives. A version that ends only makes its customer's answers count no more.
constexpr std::chrono::hours kVersionLives{24};

// Takes the mark away if it is still the one given, and keeps the answer if its version is still the customer's. Where
// it fails, the mark's time does the first.
constexpr const char* kSettle = R"lua(
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
if redis.call('get', KEYS[2]) == ARGV[2] then redis.call('set', KEYS[3], ARGV[3], 'px', ARGV[4]) end
return 1)lua";

std::string answer_name(const SharedAnswers::Place& place) { return "costagent:answer:" + place.digest; }
std::string mark_name(const SharedAnswers::Place& place) { return "costagent:making:" + place.digest; }
std::string version_name(const std::string& customer_digest) { return "costagent:version:" + customer_digest; }

std::string milliseconds(base::Nanoseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

// Of the parts with their lengths, so that no two lists of parts give the same bytes.
std::string digest_of(std::initializer_list<std::string_view> parts) {
  io::Sha256 digest;
  for (const std::string_view part : parts) {
    digest.update(fmt::format("{}:", part.size()));
    digest.update(part);
  }
  return digest.hex();
}

std::string mark_of(const std::string& version, const std::string& token) { return version + ' ' + token; }

// `costagent 1 VERSION SEAL`, a line end, and the answer. The seal is the digest of all that must fit together.
constexpr std::string_view kForm = "costagent 1 ";

std::string sealed(const SharedAnswers::Place& place, const std::string& version, std::string_view answer) {
  std::string value = fmt::format("{}{} {}\n", kForm, version, digest_of({place.digest, version, answer}));
  value += answer;
  return value;
}

}  // namespace

std::optional<ChangeMessage> ChangeMessage::parse(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  ChangeMessage message{std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
  if (!check_customer(message.customer)) return std::nullopt;
  return message;
}

SharedAnswers::SharedAnswers(RedisLink& link, SharedAnswersOptions options)
    : link_(link), options_(std::move(options)), random_(options_.seed) {
  sender_ = draw();
}

SharedAnswers::Place SharedAnswers::place_of(const AnswerKey& key) const {
  return {digest_of({kVersion, options_.scope, key.customer, std::to_string(key.version), key.question}),
          digest_of({options_.scope, key.customer})};
}

base::Result<SharedAnswers::Look> SharedAnswers::look(const Place& place) {
  auto found = link_.command({"MGET", version_name(place.customer_digest), answer_name(place), mark_name(place)});
  if (!found) return base::pass_on(found);
  if (found->list.size() != 3) return base::fail(base::ErrorKind::corrupt, "Redis answers something else than asked");
  Look look;
  const bool marked = found->list[2].kind == RedisReply::Kind::text;
  if (found->list[0].kind != RedisReply::Kind::text) {
    auto version = version_made(place);
    if (!version) return base::pass_on(version);
    look.version = std::move(*version);
    look.outdated_mark = marked;
    return look;
  }
  look.version = std::move(found->list[0].text);
  look.being_made = marked && found->list[2].text.starts_with(mark_of(look.version, ""));
  look.outdated_mark = marked && !look.being_made;
  if (found->list[1].kind == RedisReply::Kind::text) look.answer = unsealed(place, look.version, found->list[1].text);
  return look;
}

// Of two who do this at the same time one's version is taken by both.
base::Result<std::string> SharedAnswers::version_made(const Place& place) {
  const std::string name = version_name(place.customer_digest);
  const auto set = write({"SET", name, draw(), "NX", "PX", milliseconds(kVersionLives)});
  if (!set) return base::pass_on(set);
  auto version = link_.command({"GET", name});
  if (!version) return base::pass_on(version);
  if (version->kind != RedisReply::Kind::text)
    return base::fail(base::ErrorKind::corrupt, "Redis doesn't keep what it is given");
  return std::move(version->text);
}

base::Result<bool> SharedAnswers::mark(const Place& place, const Look& look, const std::string& token) {
  std::vector<std::string> words = {"SET", mark_name(place), mark_of(look.version, token), "PX",
                                    milliseconds(options_.mark)};
  // Two who take the place of an outdated one both make the answer: rare, and no harm.
  if (!look.outdated_mark) words.emplace_back("NX");
  const auto set = write(words);
  if (!set) return base::pass_on(set);
  return set->kind == RedisReply::Kind::text;
}

void SharedAnswers::settle(const Place& place, const std::string& version, const std::string& token,
                           const std::string* answer) {
  const bool keeps = answer != nullptr && answer->size() <= options_.max_answer;
  if (!keeps && token.empty()) return;
  (void)write({"EVAL", kSettle, "3", mark_name(place), version_name(place.customer_digest), answer_name(place),
               mark_of(version, token), keeps ? version : "", keeps ? sealed(place, version, *answer) : "",
               milliseconds(options_.time_to_live)});
}

void SharedAnswers::change(const std::string& customer) {
  const std::string name = version_name(digest_of({options_.scope, customer}));
  const auto set = write({"SET", name, draw(), "PX", milliseconds(kVersionLives)});
  if (set || set.error().kind == base::ErrorKind::invalid)
    (void)link_.command({"PUBLISH", ChangeMessage::kChannel, ChangeMessage{sender_, customer}.text()});
}

std::string SharedAnswers::draw() {
  const std::lock_guard lock(mutex_);
  return fmt::format("{:016x}", random_.next());
}

std::uint64_t SharedAnswers::disbelieved() const {
  const std::lock_guard lock(mutex_);
  return disbelieved_;
}

std::optional<std::string> SharedAnswers::unsealed(const Place& place, const std::string& version,
                                                   std::string_view value) {
  const auto line_end = value.find('\n');
  const auto parts = value.substr(0, line_end);
  const auto last_space = parts.rfind(' ');
  if (line_end != std::string_view::npos && last_space != std::string_view::npos &&
      parts.substr(0, last_space).starts_with(kForm)) {
    const std::string_view of_version = parts.substr(kForm.size(), last_space - kForm.size());
    const std::string_view answer = value.substr(line_end + 1);
    // Most of those that don't count are whole but of an earlier version.
    if (of_version != version) return std::nullopt;
    if (parts.substr(last_space + 1) == digest_of({place.digest, version, answer})) return std::string(answer);
  }
  const std::lock_guard lock(mutex_);
  ++disbelieved_;
  return std::nullopt;
}

// A Redis that is full, or a copy that may only be read, refuses every write: that is told once.
base::Result<RedisReply> SharedAnswers::write(const std::vector<std::string>& words) {
  auto written = link_.command(words);
  const bool refused = !written && written.error().kind == base::ErrorKind::invalid;
  if (!written && !refused) return written;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(refused_, refused) == refused) return written;
  }
  if (refused) {
    base::log(base::LogLevel::warn, "answers can't be shared: {}", written.error().message);
  } else {
    base::log(base::LogLevel::info, "answers are shared again: Redis takes them");
  }
  return written;
}

}  // namespace costagent
