#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <string>

#include "loadlab/plan/table_builder.h"

namespace loadlab {
namespace {

namespace json = boost::json;
using json::error_code;
using json::string_view;

// Takes one object's keys and values as the parser comes upon them. A number stays as it is written: as a double it
// would come out as another text.
class ObjectHandler {
 public:
  static constexpr std::size_t max_object_size = kMostColumns;
  static constexpr std::size_t max_array_size = 0;
  static constexpr std::size_t max_key_size = kLongestValue;
  static constexpr std::size_t max_string_size = kLongestValue;

  std::vector<std::string> keys;
  std::vector<std::string> values;
  const char* problem = nullptr;  // what the handler itself refused

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code& error) {
    if (within_) return refuse("a value is a text, a number, true, false or null, not an object", error);
    return within_ = true;
  }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_array_begin(error_code& error) {
    return refuse(within_ ? "a value is a text, a number, true, false or null, not a list" : kNoObject, error);
  }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(string_view text, std::size_t, error_code&) { return append(text); }
  bool on_key(string_view text, std::size_t, error_code& error) {
    append(text);
    if (std::find(keys.begin(), keys.end(), part_) != keys.end()) return refuse("a key that it has already", error);
    keys.push_back(std::move(part_));
    part_.clear();
    return true;
  }
  bool on_string_part(string_view text, std::size_t, error_code&) { return append(text); }
  bool on_string(string_view text, std::size_t, error_code& error) { return end_value(text, error); }
  bool on_number_part(string_view text, error_code&) { return append(text); }
  bool on_int64(std::int64_t, string_view text, error_code& error) { return end_value(text, error); }
  bool on_uint64(std::uint64_t, string_view text, error_code& error) { return end_value(text, error); }
  bool on_double(double, string_view text, error_code& error) { return end_value(text, error); }
  bool on_bool(bool value, error_code& error) { return end_value(value ? "true" : "false", error); }
  bool on_null(error_code& error) { return end_value("", error); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }

 private:
  static constexpr const char* kNoObject = "a line is an object, as in {\"name\": \"ann\", \"age\": 41}";

  bool append(string_view text) {
    part_.append(text.data(), text.size());
    return true;
  }

  bool end_value(string_view text, error_code& error) {
    if (!within_) return refuse(kNoObject, error);
    append(text);
    values.push_back(std::move(part_));
    part_.clear();
    return true;
  }

  // Any error stops the parser; the words are our own.
  bool refuse(const char* what, error_code& error) {
    problem = what;
    error = json::error::syntax;
    return false;
  }

  bool within_ = false;
  std::string part_;
};

class JsonLinesReader {
 public:
  explicit JsonLinesReader(TableBuilder builder) : builder_(std::move(builder)) {}

  base::Result<Table> read(std::string_view text) {
    for (int number = 1; !text.empty(); ++number) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
      if (const auto taken = take(line, {number, 1}); !taken) return base::pass_on(taken);
    }
    return builder_.finish();
  }

 private:
  base::Result<> take(std::string_view line, Position at) {
    json::basic_parser<ObjectHandler> parser{json::parse_options()};
    error_code error;
    const std::size_t read = parser.write_some(false, line.data(), line.size(), error);
    ObjectHandler& object = parser.handler();
    if (error)
      return builder_.fail(behind(at, line.substr(0, read)), "{}",
                           object.problem != nullptr ? object.problem : error.message());
    if (read < line.size() && line.find_first_not_of(" \t", read) != std::string_view::npos)
      return builder_.fail(behind(at, line.substr(0, read)), "a line is one object and nothing behind it");
    if (!builder_.has_columns()) {
      if (const auto set = builder_.set_columns(object.keys, at); !set) return base::pass_on(set);
    }
    return add(object, at);
  }

  // The keys may come in any order.
  base::Result<> add(const ObjectHandler& object, Position at) {
    row_.clear();
    for (const std::string& column : builder_.columns()) {
      const auto found = std::find(object.keys.begin(), object.keys.end(), column);
      if (found == object.keys.end())
        return builder_.fail(at, "no '{}', which the first line has; all have the same keys", shown(column));
      row_.push_back(object.values[static_cast<std::size_t>(found - object.keys.begin())]);
    }
    for (const std::string& key : object.keys) {
      if (std::find(builder_.columns().begin(), builder_.columns().end(), key) == builder_.columns().end())
        return builder_.fail(at, "'{}' is no key of the first line; all have the same keys", shown(key));
    }
    return builder_.add_row(row_, at);
  }

  TableBuilder builder_;
  std::vector<std::string_view> row_;
};

}  // namespace

base::Result<Table> read_json_lines_table(std::string_view text, TableBuilder builder) {
  return JsonLinesReader(std::move(builder)).read(text);
}

}  // namespace loadlab
