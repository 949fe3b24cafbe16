#include "loadlab/session/benchmark_json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>

namespace loadlab {
namespace {

namespace json = boost::json;

// Numbers of a benchmark that are no counters.
constexpr auto kOther = std::to_array<std::string_view>(
    {"family_index", "per_family_instance_index", "repetitions", "repetition_index", "threads", "iterations"});

double milliseconds_per(std::string_view unit) {
  if (unit == "ns") return 1e-6;
  if (unit == "us") return 1e-3;
  return unit == "s" ? 1e3 : 1;
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

void add(BenchmarkResult& to, std::string_view name, const char* unit, double value) {
  const auto found =
      std::find_if(to.figures.begin(), to.figures.end(), [&](const auto& one) { return one.name == name; });
  if (found != to.figures.end()) return found->values.push_back(value);
  to.figures.push_back({std::string(name), unit, {value}});
}

void add_repetition(BenchmarkResult& to, const json::object& repetition) {
  const double scale = milliseconds_per(text_of(repetition, "time_unit"));
  for (const auto& member : repetition) {
    const std::string_view name = member.key();
    if (!member.value().is_number() || std::find(kOther.begin(), kOther.end(), name) != kOther.end()) continue;
    const double value = member.value().to_number<double>();
    if (name == "cpu_time" || name == "real_time") {
      add(to, name, "ms", value * scale);
    } else {
      add(to, name, name.ends_with("_per_second") ? "/s" : "", value);
    }
  }
}

bool is_set(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value && value->is_bool() && value->get_bool();
}

double number_of(const json::object& object, std::string_view key, double otherwise) {
  const json::value* value = object.if_contains(key);
  return value && value->is_number() ? value->to_number<double>() : otherwise;
}

// Why nothing was measured by it; empty of one that is sound.
std::string fault_of(const json::object& repetition) {
  if (is_set(repetition, "error_occurred")) {
    const std::string said = text_of(repetition, "error_message");
    return said.empty() ? "it failed, and did not say why" : said;
  }
  if (number_of(repetition, "iterations", 1) < 1) return "it ran no iteration";
  for (const char* time : {"cpu_time", "real_time"}) {
    if (number_of(repetition, time, 0) < 0) return fmt::format("its {} is below zero", time);
  }
  return "";
}

// Google Benchmark writes what is no number as `NaN` or `Infinity`, which JSON has no word for: such as how much a
// counter scatters that is always 0. Here they are null, and so no value of anything.
std::string as_json(std::string_view text) {
  static constexpr auto kWords =
      std::to_array<std::string_view>({"-NaN", "NaN", "-Infinity", "Infinity", "-nan", "nan", "-inf", "inf"});
  std::string result;
  result.reserve(text.size());
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\' && i + 1 < text.size()) result += text[i++];
      quoted = text[i] != '"';
    } else if (text[i] == '"') {
      quoted = true;
    } else {
      const auto word = std::find_if(kWords.begin(), kWords.end(),
                                     [&](std::string_view one) { return text.substr(i).starts_with(one); });
      if (word != kWords.end()) {
        result += "null";
        i += word->size() - 1;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

}  // namespace

base::Result<std::vector<BenchmarkResult>> read_benchmark_json(std::string_view text) {
  boost::system::error_code error;
  const json::value root = json::parse(as_json(text), error);
  const json::value* list = !error && root.is_object() ? root.get_object().if_contains("benchmarks") : nullptr;
  if (!list || !list->is_array())
    return base::fail(base::ErrorKind::corrupt, "The benchmark's results can't be read: {}.",
                      error ? error.message() : "they hold no list of benchmarks");
  std::vector<BenchmarkResult> results;
  for (const json::value& value : list->get_array()) {
    if (!value.is_object()) continue;
    const json::object& one = value.get_object();
    // Of aggregates neither iterations nor times say anything: of a variation they may be anything.
    const bool is_aggregate = text_of(one, "run_type") == "aggregate";
    if (is_aggregate && !is_set(one, "error_occurred")) continue;
    std::string name = text_of(one, "run_name");
    if (name.empty()) name = text_of(one, "name");
    auto found =
        std::find_if(results.begin(), results.end(), [&](const BenchmarkResult& other) { return other.name == name; });
    if (found == results.end()) found = results.insert(results.end(), BenchmarkResult{name, {}, "", ""});
    if (is_set(one, "skipped")) {
      found->skipped = text_of(one, "skip_message");
      if (found->skipped.empty()) found->skipped = "it did not say why";
    } else if (std::string fault = fault_of(one); !fault.empty()) {
      found->error = std::move(fault);
    } else {
      add_repetition(*found, one);
    }
  }
  return results;
}

}  // namespace loadlab
