#include "io/postgresql_failure.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>

namespace io {
namespace {

using base::ErrorKind;

struct Meaning {
  std::string_view states;  // those that begin so
  ErrorKind kind;
};

// The first that fits.
constexpr auto kMeanings = std::to_array<Meaning>({
    {"53", ErrorKind::unavailable},     // insufficient resources: a full disk, no more connections
    {"25006", ErrorKind::unavailable},  // read_only_sql_transaction: a standby that may yet be promoted
    {"55P03", ErrorKind::unavailable},  // lock_not_available
    {"57P04", ErrorKind::invalid},      // database_dropped
    {"57014", ErrorKind::timeout},      // query_canceled: by statement_timeout, which is our deadline, or by a person
    {"57", ErrorKind::unavailable},     // operator intervention
    {"08", ErrorKind::unavailable},     // connection exception
    {"40", ErrorKind::unavailable},     // serialization_failure, deadlock_detected
    {"23", ErrorKind::conflict},        // integrity constraint violation
    {"54", ErrorKind::too_large},       // program limit exceeded
    {"58", ErrorKind::io},              // system error
    {"XX001", ErrorKind::corrupt},      // data_corrupted
    {"XX002", ErrorKind::corrupt},      // index_corrupted
    {"0A", ErrorKind::invalid},         // feature not supported
    {"22", ErrorKind::invalid},         // data exception
    {"28", ErrorKind::invalid},         // invalid authorization
    {"3", ErrorKind::invalid},          // no such database, schema, savepoint
    {"42", ErrorKind::invalid},         // syntax error or access rule violation
});

}  // namespace

ErrorKind kind_of_state(std::string_view state) {
  for (const Meaning& meaning : kMeanings) {
    if (state.starts_with(meaning.states)) return meaning.kind;
  }
  return ErrorKind::internal;
}

std::string words_of(const char* message) {
  std::string words = message != nullptr ? message : "";
  while (!words.empty() && words.back() == '\n') words.pop_back();
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words.empty() ? "no reason was given" : words;
}

std::string state_of(const pg_result* result) {
  const char* state = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr ? state : "";
}

bool ends_session(const pg_result* result) {
  const char* severity = ::PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string_view word = severity != nullptr ? severity : "";
  return word == "FATAL" || word == "PANIC";
}

}  // namespace io
