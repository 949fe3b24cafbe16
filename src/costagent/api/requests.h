// Parts that several calls' requests and answers share.
#pragma once

#include <map>
#include <span>
#include <string>

#include "costagent/api/json_writer.h"
#include "costagent/api/message.h"
#include "costagent/api/parameters.h"
#include "costagent/domain/cost_series.h"
#include "costagent/domain/names.h"
#include "costagent/service/period.h"

namespace costagent {

inline AskedDays asked_days(Parameters& parameters) {
  AskedDays days;
  days.start = parameters.day("start_date");
  days.end = parameters.day("end_date");
  return days;
}

// What is to be kept: `service=…`, of these dimensions.
inline std::map<Dimension, std::string> asked_only(Parameters& parameters, std::span<const Dimension> dimensions) {
  std::map<Dimension, std::string> only;
  for (const Dimension dimension : dimensions) {
    if (!parameters.has(name_of(dimension))) continue;
    std::string value = parameters.text_or_empty(name_of(dimension));
    if (value.empty() && dimension == Dimension::provider)
      parameters.refuse(name_of(dimension), "is empty, and every charge has one: leave it out to ask about all");
    only[dimension] = std::move(value);
  }
  return only;
}

// Both days inclusive, as they are asked for.
inline void write_period(JsonWriter& json, Period period) {
  json.field("start_date", period.from).field("end_date", period.to - std::chrono::days(1));
}

// The cursor of the next page, or null.
inline void write_next_cursor(JsonWriter& json, bool more, std::size_t next_offset) {
  json.key("next_cursor");
  more ? json.value(Parameters::cursor_of(next_offset)) : json.null();
}

inline void write_next_cursor(JsonWriter& json, bool more, const AskedPage& page, std::string_view stamp) {
  json.key("next_cursor");
  more ? json.value(page.next(stamp)) : json.null();
}

inline Response json_response(JsonWriter& json) {
  Response response;
  response.body = json.take();
  return response;
}

}  // namespace costagent
