#include <charconv>

#include "loadlab/plan/fields.h"
#include "loadlab/plan/load_plan.h"
#include "loadlab/plan/quantity.h"

namespace loadlab {
namespace {

constexpr std::string_view kExpected = "a duration, a range as in 0.2s..1s, exponential(1s) or log_normal(1s, 0.5)";
constexpr double kWidestSigma = 3;  // one draw in six is then twenty times the median

class DelayReader {
 public:
  DelayReader(const YamlEntry& entry, Complaints& complaints) : entry_(entry), complaints_(complaints) {}

  std::optional<Delay> read(std::string_view text) {
    const auto open = text.find('(');
    if (open == std::string_view::npos) return read_range(text);
    const std::string_view name = trimmed(text.substr(0, open));
    if (!text.ends_with(')') || (name != "exponential" && name != "log_normal")) {
      complain("expected {}, not '{}'", kExpected, shown(text));
      return std::nullopt;
    }
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    return name == "exponential" ? read_exponential(inside) : read_log_normal(inside);
  }

 private:
  template <class... Arguments>
  void complain(fmt::format_string<Arguments...> message, Arguments&&... arguments) {
    complaints_.add(place_of(entry_), "{}: {}", entry_.key,
                    fmt::format(message, std::forward<Arguments>(arguments)...));
  }

  std::optional<Nanoseconds> read_time(std::string_view text) {
    const auto time = parse_duration(trimmed(text));
    if (!time) {
      complain("{}; a range is written as in 0.2s..1s", time.error().message);
      return std::nullopt;
    }
    if (*time > Delay::kLongest) {
      complain("'{}' is longer than {}, after which nobody is waiting", shown(entry_.value->text),
               format_duration(Delay::kLongest));
      return std::nullopt;
    }
    return *time;
  }

  std::optional<Delay> read_range(std::string_view text) {
    constexpr std::string_view kDots = "..";
    const auto dots = text.find(kDots);
    const auto low = read_time(text.substr(0, dots));
    if (!low) return std::nullopt;
    if (dots == std::string_view::npos) return Delay::always(*low);
    const auto high = read_time(text.substr(dots + kDots.size()));
    if (!high) return std::nullopt;
    if (*low > *high) {
      complain("the range '{}' is upside down; write the shorter time first", shown(text));
      return std::nullopt;
    }
    return Delay::between(*low, *high);
  }

  std::optional<Delay> read_exponential(std::string_view inside) {
    const auto mean = read_time(inside);
    if (!mean) return std::nullopt;
    return Delay{Delay::Kind::exponential, *mean, *mean, 0};
  }

  std::optional<Delay> read_log_normal(std::string_view inside) {
    const auto comma = inside.find(',');
    if (comma == std::string_view::npos) {
      complain("log_normal takes the median and the spread of its logarithm, as in log_normal(1s, 0.5)");
      return std::nullopt;
    }
    const auto median = read_time(inside.substr(0, comma));
    const auto sigma = split_quantity(trimmed(inside.substr(comma + 1)));
    if (!median) return std::nullopt;
    if (!sigma || !sigma->unit.empty() || sigma->number > kWidestSigma) {
      complain("the spread of log_normal is a number up to {}, as in log_normal(1s, 0.5)", kWidestSigma);
      return std::nullopt;
    }
    return Delay{Delay::Kind::log_normal, *median, *median, sigma->number};
  }

  const YamlEntry& entry_;
  Complaints& complaints_;
};

}  // namespace

std::optional<Delay> read_think(const YamlEntry& entry, Complaints& complaints) {
  const auto text = read_text(entry, kExpected, complaints);
  return text ? DelayReader(entry, complaints).read(trimmed(*text)) : std::nullopt;
}

}  // namespace loadlab
