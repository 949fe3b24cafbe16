// Reads the fields of a request: of a JSON body, or of a query. The first thing that is wrong is remembered, with the
// field's name, and told once by `error`.
#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "costagent/api/http.h"
#include "costagent/service/period.h"

namespace costagent {

// The JSON object in a body. Fails (invalid) when it is none, or is nested deeper than 32 levels.
base::Result<boost::json::object> parse_object(std::string_view body);

// Of a body's object or a query's names and values, which are read alike: a query's numbers and lists are text.
class Fields {
 public:
  explicit Fields(const boost::json::object& object) : object_(&object) {}
  explicit Fields(const std::map<std::string, std::string>& query) : query_(&query) {}

  // A customer's id; it must be there.
  std::string customer();
  std::string text(std::string_view name, std::size_t longest);
  std::string required_text(std::string_view name, std::size_t longest);
  std::optional<base::Day> day(std::string_view name);
  std::optional<double> number(std::string_view name, double least, double most);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  // A list of words; in a query they are separated by commas.
  std::vector<std::string> words(std::string_view name, std::size_t most);
  // One of the words, or the first where it isn't given.
  std::string choice(std::string_view name, const std::vector<std::string_view>& among);

  // `start_date` and `end_date`, both inclusive, as far as they are given.
  AskedDays days() { return {day("start_date"), day("end_date")}; }

  void complain(std::string_view name, std::string message);

  // Fields that nobody asked for are named, with the nearest known one. Then the first thing that was wrong, if any.
  base::Result<> finish();

 private:
  const boost::json::value* find(std::string_view name);
  std::optional<std::string> find_text(std::string_view name, std::size_t longest);

  const boost::json::object* object_ = nullptr;
  const std::map<std::string, std::string>* query_ = nullptr;
  boost::json::value from_query_;
  std::set<std::string, std::less<>> asked_;
  std::optional<base::Error> error_;
};

}  // namespace costagent
