#include "loadlab/engine/value_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/time.h"

namespace loadlab {
namespace {

void make_uuid(base::Random& random, std::string& into) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  // RFC 9562, 5.4: version 4 in the third group's first digit, the variant in the fourth's first two bits.
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-4xxx-vxxx-xxxxxxxxxxxx";
  constexpr unsigned kBits = 64;
  std::uint64_t bits = 0;
  unsigned left = 0;
  into.assign(kForm);
  for (char& place : into) {
    if (place != 'x' && place != 'v') continue;
    if (left == 0) {
      bits = random.next();
      left = kBits;
    }
    place = kDigits[place == 'v' ? 8 + (bits & 3) : bits & 15];
    bits >>= 4;
    left -= 4;
  }
}

void make_string(std::size_t size, base::Random& random, std::string& into) {
  constexpr std::string_view kCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  into.resize(size);
  for (char& c : into) c = kCharacters[random.below(kCharacters.size())];
}

template <class Number>
void write_number(Number number, std::string& into) {
  into.clear();
  fmt::format_to(std::back_inserter(into), "{}", number);
}

void make_time(Now::Form form, base::UtcTime now, std::string& into) {
  using std::chrono::duration_cast;
  switch (form) {
    case Now::Form::text:
      into = base::format_time_ms(now);
      return;
    case Now::Form::seconds:
      return write_number(duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(), into);
    case Now::Form::milliseconds:
      return write_number(duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count(), into);
  }
}

// Any two bounds: between the lowest and the highest number there are 2^64, which no bound can say.
std::int64_t whole_number(const RandomInt& bounds, base::Random& random) {
  const auto low = static_cast<std::uint64_t>(bounds.low);
  const std::uint64_t width = static_cast<std::uint64_t>(bounds.high) - low + 1;
  return static_cast<std::int64_t>(low + (width == 0 ? random.next() : random.below(width)));
}

}  // namespace

std::optional<std::size_t> Feeder::next(std::uint32_t user, base::Random& random) {
  const std::size_t rows = source_.table->rows();
  switch (source_.order) {
    case RowOrder::sequential:
      return taken_.fetch_add(1, std::memory_order_relaxed) % rows;
    case RowOrder::random:
      return random.below(rows);
    case RowOrder::per_user:
      return user % rows;
    case RowOrder::once:
      break;
  }
  const std::uint64_t row = taken_.fetch_add(1, std::memory_order_relaxed);
  return row < rows ? std::optional<std::size_t>(row) : std::nullopt;
}

std::uint64_t Feeder::misses() const {
  const std::uint64_t rows = source_.table->rows();
  const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
  return source_.order == RowOrder::once && taken > rows ? taken - rows : 0;
}

ValueSources::ValueSources(const Test& test, const base::Clock& clock) : clock_(clock) {
  for (const DataSource& source : test.data) feeders_.emplace_back(source);
}

ValueSources::Rows ValueSources::begin(const Fill& fill, std::uint32_t user, base::Random& random,
                                       std::vector<std::string>& variables) {
  for (const RowUse& use : fill.rows) {
    Feeder& feeder = feeders_[use.source];
    const auto row = feeder.next(user, random);
    if (!row) return feeder.source().drops ? Rows::none : Rows::none_ever;
    for (const RowUse::Value& value : use.values)
      variables[value.slot].assign(feeder.source().table->value(*row, value.column));
  }
  draw(fill.draws, random, variables);
  return Rows::taken;
}

void ValueSources::draw(const std::vector<Draw>& draws, base::Random& random, std::vector<std::string>& variables) {
  for (const auto& [slot, recipe] : draws) {
    std::string& value = variables[slot];
    if (std::holds_alternative<Uuid>(recipe)) {
      make_uuid(random, value);
    } else if (const auto* now = std::get_if<Now>(&recipe)) {
      make_time(now->form, clock_.utc(), value);
    } else if (const auto* bounds = std::get_if<RandomInt>(&recipe)) {
      write_number(whole_number(*bounds, random), value);
    } else if (const auto* choice = std::get_if<RandomChoice>(&recipe)) {
      value = choice->choices[random.below(choice->choices.size())];
    } else if (const auto* text = std::get_if<RandomString>(&recipe)) {
      make_string(text->size, random, value);
    } else {
      write_number(counted_.fetch_add(1, std::memory_order_relaxed) + 1, value);
    }
  }
}

std::vector<std::string> ValueSources::endings() const {
  std::vector<std::string> said;
  for (const Feeder& feeder : feeders_) {
    if (feeder.misses() == 0 || feeder.source().drops) continue;
    said.push_back(fmt::format("the data of '{}' was used up: each of its {} rows was given out once",
                               feeder.source().name, feeder.source().table->rows()));
  }
  return said;
}

std::vector<std::string> ValueSources::shortages() const {
  std::vector<std::string> said;
  for (const Feeder& feeder : feeders_) {
    if (feeder.misses() == 0 || !feeder.source().drops) continue;
    said.push_back(
        fmt::format("Each of the {} rows of '{}' was given out once; {} iterations had none and were not begun.",
                    feeder.source().table->rows(), feeder.source().name, feeder.misses()));
  }
  return said;
}

}  // namespace loadlab
