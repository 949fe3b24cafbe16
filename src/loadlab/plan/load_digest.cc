#include "loadlab/plan/load_digest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "io/digest.h"
#include "loadlab/plan/sweep.h"

namespace loadlab {
namespace {

constexpr std::string_view kVersion = "1:";
constexpr std::size_t kDigits = 32;  // half of them: nobody has reason to make two alike
constexpr char kEnd = '\0';          // behind each part, so that none runs into the next

// A token is another one every hour, and the load is the same.
bool holds_a_secret(std::string_view header) {
  constexpr auto kEndings = std::to_array<std::string_view>({"authorization", "cookie", "token", "key", "secret"});
  std::string lower(header);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view one) { return lower.ends_with(one); });
}

class Digester {
 public:
  explicit Digester(const Test& test) : test_(test) {}

  void add_test() {
    const Http& http = test_.http;
    add(fmt::format("http {} {} {} {} {}", static_cast<int>(http.version), http.streams, http.pipeline,
                    http.per_request, test_.cookies));
    add(fmt::format("warm-up {} seed {}", test_.warm_up.count(), test_.seed));
    for (const DataSource& source : test_.data) add(source.file, static_cast<int>(source.order));
    for (const Load& load : test_.loads) add_load(load);
  }

  std::string text;

 private:
  template <class... Parts>
  void add(const Parts&... parts) {
    ((text += fmt::format("{}", parts), text += kEnd), ...);
  }

  void add_delay(const Delay& delay) {
    add(static_cast<int>(delay.kind), delay.low.count(), delay.high.count(), delay.sigma);
  }

  // Ports that are free at the moment are others each time: the test's own, and whatever else is on this machine.
  void add_literal(std::string literal) {
    for (const auto& [name, port] : test_.around.ports) erase_behind(literal, fmt::format(":{}", port), 1, 0);
    for (const std::string_view host : {"127.0.0.1:", "localhost:"})
      erase_behind(literal, host, host.size(), std::string::npos);
    add(literal);
  }

  // Of each place of `what` the first `kept` bytes are left; the rest goes, and so many of the digits behind it.
  static void erase_behind(std::string& text, std::string_view what, std::size_t kept, std::size_t most_digits) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + kept)) {
      const auto digits = text.find_first_not_of("0123456789", at + what.size());
      const std::size_t behind = std::min(digits, text.size()) - at - what.size();
      text.erase(at + kept, what.size() - kept + std::min(behind, most_digits));
    }
  }

  void add_template(const Template& of, const std::vector<std::string>& names) {
    for (const Template::Piece& piece : of.pieces) {
      if (const auto* literal = std::get_if<std::string>(&piece)) {
        add_literal(*literal);
      } else if (const auto* variable = std::get_if<Template::Variable>(&piece)) {
        add("variable", variable->slot < names.size() ? names[variable->slot] : "",
            static_cast<int>(variable->escaping));
      } else {
        add("secret");
      }
    }
    add("end");
  }

  void add_draws(const std::vector<Draw>& draws) {
    for (const Draw& draw : draws) {
      add("draw", draw.slot, draw.recipe.index());
      if (const auto* number = std::get_if<RandomInt>(&draw.recipe)) add(number->low, number->high);
      if (const auto* text_of = std::get_if<RandomString>(&draw.recipe)) add(text_of->size);
      if (const auto* choice = std::get_if<RandomChoice>(&draw.recipe)) {
        for (const std::string& one : choice->choices) add(one);
      }
    }
  }

  void add_fill(const Fill& fill) {
    for (const RowUse& row : fill.rows) {
      add("row", row.source);
      for (const RowUse::Value& value : row.values) add(value.slot, value.column);
    }
    add_draws(fill.draws);
  }

  void add_step(const Step& step, const std::vector<std::string>& names) {
    add("step", step.method, step.chunk_size, step.expect_continue, step.redirects);
    add_template(step.path, names);
    for (const auto& [name, value] : step.headers) {
      add(name);
      if (!holds_a_secret(name)) add_template(value, names);
    }
    if (step.has_body) add_template(step.body, names);
    add_draws(step.draws);
    add_delay(step.think);
  }

  void add_errand(const Errand& errand) {
    add("errand");
    add_fill(errand.fill);
    for (const Step& step : errand.steps) add_step(step, errand.variables);
  }

  void add_load(const Load& load) {
    add("load", load.start.count(), load.duration.count());
    for (const Stage& stage : load.profile().stages()) add(stage.duration.count(), stage.level, stage.ramp.count());
    if (const auto* open = std::get_if<OpenLoad>(&load.model)) {
      add("open", static_cast<int>(open->arrivals), open->max_users, open->max_waiting);
      if (open->times) add(open->times->size(), open->times->empty() ? 0 : open->times->back().count());
    } else {
      const auto& closed = std::get<ClosedLoad>(load.model);
      add("closed", closed.iterations.value_or(0), closed.shared_iterations.value_or(0));
    }
    for (const Journey& journey : load.journeys) {
      add("journey", journey.weight);
      add_delay(journey.pacing);
      add_fill(journey.fill);
      for (const Step& step : journey.steps) add_step(step, journey.variables);
    }
    add_errand(load.user_setup);
  }

  const Test& test_;
};

}  // namespace

std::string load_digest(const Test& test) {
  if (test.benchmark) return "";
  std::string all;
  const auto add = [&](const Test& one) {
    Digester digester(one);
    digester.add_test();
    all += digester.text;
  };
  if (!test.sweep) add(test);
  for (std::size_t i = 0; test.sweep && i < test.sweep->points.size(); ++i) {
    all += test.sweep->points[i].name() + kEnd;
    add(test.sweep->points[i].test);
  }
  return std::string(kVersion) + io::sha256_hex(all).substr(0, kDigits);
}

}  // namespace loadlab
