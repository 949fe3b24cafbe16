#include "loadlab/report/json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "loadlab/report/sample_run.h"

namespace loadlab {
namespace {

namespace json = boost::json;

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Checks a value against the part of JSON Schema (2020-12) that docs/summary.schema.json uses: $ref, type, const, enum,
// required, properties, additionalProperties and items.
class Validator {
 public:
  explicit Validator(json::value schema) : schema_(std::move(schema)) {}

  void check(const json::value& value) { check(value, schema_.as_object(), "$"); }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  static std::string type_of(const json::value& value) {
    if (value.is_object()) return "object";
    if (value.is_array()) return "array";
    if (value.is_string()) return "string";
    if (value.is_bool()) return "boolean";
    if (value.is_null()) return "null";
    return value.is_double() ? "number" : "integer";
  }
  static bool has_type(const json::value& value, const json::value& type) {
    const std::string actual = type_of(value);
    const auto matches = [&](std::string_view wanted) {
      return actual == wanted || (wanted == "number" && actual == "integer");
    };
    if (type.is_string()) return matches(type.as_string());
    for (const json::value& option : type.as_array()) {
      if (matches(option.as_string())) return true;
    }
    return false;
  }

  void check(const json::value& value, const json::object& rules, const std::string& path) {
    if (const auto* reference = rules.if_contains("$ref")) {
      const std::string pointer = std::string(reference->as_string()).substr(1);
      return check(value, schema_.at_pointer(pointer).as_object(), path);
    }
    if (const auto* type = rules.if_contains("type"); type != nullptr && !has_type(value, *type)) {
      problems_.push_back(path + " is " + type_of(value) + ", not " + json::serialize(*type));
      return;
    }
    if (const auto* fixed = rules.if_contains("const"); fixed != nullptr && *fixed != value)
      problems_.push_back(path + " has another value");
    if (const auto* options = rules.if_contains("enum")) {
      const auto& list = options->as_array();
      if (std::find(list.begin(), list.end(), value) == list.end())
        problems_.push_back(path + " is none of " + json::serialize(*options));
    }
    if (value.is_object()) check_members(value.as_object(), rules, path);
    if (const auto* items = rules.if_contains("items"); items != nullptr && value.is_array()) {
      for (std::size_t i = 0; i < value.as_array().size(); ++i) {
        check(value.as_array()[i], items->as_object(), path + "[" + std::to_string(i) + "]");
      }
    }
  }

  void check_members(const json::object& object, const json::object& rules, const std::string& path) {
    static const json::object kNone;
    const auto* properties = rules.if_contains("properties");
    const json::object& known = properties != nullptr ? properties->as_object() : kNone;
    if (const auto* required = rules.if_contains("required")) {
      for (const json::value& name : required->as_array()) {
        if (!object.contains(name.as_string())) problems_.push_back(path + " lacks " + std::string(name.as_string()));
      }
    }
    for (const auto& member : object) {
      const std::string below = path + "." + std::string(member.key());
      if (const auto* own = known.if_contains(member.key())) {
        check(member.value(), own->as_object(), below);
      } else if (const auto* others = rules.if_contains("additionalProperties")) {
        if (others->is_bool()) {
          problems_.push_back(below + " is unknown");
        } else {
          check(member.value(), others->as_object(), below);
        }
      }
    }
  }

  json::value schema_;
  std::vector<std::string> problems_;
};

json::value schema() { return json::parse(read(SUMMARY_SCHEMA)); }

TEST(JsonSummary, is_the_golden_one) {
  const std::string path = std::string(GOLDEN_FOLDER) + "/summary.json";
  const std::string text = json_summary(sample_run());
  if (std::getenv("GOLDEN_UPDATE") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(json::parse(read(path)), json::parse(text))
      << "if the change is meant: GOLDEN_UPDATE=1, and look at the difference";
}

TEST(JsonSummary, keeps_its_schema) {
  Validator validator(schema());
  validator.check(json::parse(json_summary(sample_run())));
  EXPECT_TRUE(validator.problems().empty()) << validator.problems().front();
  Validator empty(schema());
  empty.check(json::parse(json_summary(RunResult())));
  EXPECT_TRUE(empty.problems().empty()) << empty.problems().front();
}

TEST(JsonSummary, the_schema_refuses_what_is_missing_unknown_or_of_another_type) {
  const auto problems_after = [](auto change) {
    json::value summary = json::parse(json_summary(sample_run()));
    change(summary);
    Validator validator(schema());
    validator.check(summary);
    return validator.problems().size();
  };
  const auto test = [](json::value& summary) -> json::object& { return summary.at("tests").as_array()[0].as_object(); };
  EXPECT_EQ(problems_after([](json::value&) {}), 0u);
  EXPECT_EQ(problems_after([&](json::value& summary) { test(summary)["p95_response_time_ms"] = "fast"; }), 1u);
  EXPECT_EQ(problems_after([&](json::value& summary) { test(summary)["surprise"] = 1; }), 1u);
  EXPECT_EQ(problems_after([&](json::value& summary) { test(summary).erase("errors"); }), 1u);
  EXPECT_EQ(problems_after([](json::value& summary) { summary.as_object()["verdict"] = "great"; }), 1u);
}

TEST(JsonSummary, what_was_not_observed_is_null) {
  const json::value summary = json::parse(json_summary(sample_run()));
  EXPECT_TRUE(summary.at_pointer("/tests/1/series/21/p95_response_time_ms").is_null());
  EXPECT_TRUE(summary.at_pointer("/tests/2/avg_response_time_ms").is_null()) << "no request, no time";
  EXPECT_EQ(summary.at_pointer("/tests/2/total_requests").as_int64(), 0);
  EXPECT_TRUE(summary.at_pointer("/tests/1/thresholds/3/observed").is_null());
}

TEST(JsonSummary, figures_agree_with_the_histograms) {
  const RunResult run = sample_run();
  const json::value summary = json::parse(json_summary(run));
  const auto& response = run.tests[0].total.timings.response;
  EXPECT_NEAR(summary.at_pointer("/tests/0/p99_response_time_ms").to_number<double>(),
              static_cast<double>(response.percentile(99)) / 1e6, 1e-3);
  EXPECT_NEAR(summary.at_pointer("/tests/0/avg_response_time_ms").to_number<double>(), response.mean() / 1e6, 1e-3);
  EXPECT_EQ(summary.at_pointer("/tests/1/errors/timeout").as_int64(), 11);
  EXPECT_EQ(summary.at_pointer("/tests/1/errors/status 503").as_int64(), 1);
  EXPECT_EQ(summary.at_pointer("/tests/1/successful_requests").as_int64(), 1488);
}

}  // namespace
}  // namespace loadlab
