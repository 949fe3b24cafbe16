// What the server's refusals mean here.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

struct pg_result;

namespace io {

// The kind of a refusal by its SQLSTATE (PostgreSQL 15's manual, appendix A):
//   conflict     a broken constraint (23…)
//   unavailable  what may go well later: a lost race (40…, 55P03), too many sessions, no memory, a full disk, a server
//   that
//                stops, starts or only reads (08…, 53…, 57P…, 25006)
//   timeout      the time for the statement was over (57014)
//   io           failures of the system (58…)
//   too_large    a bound of the server (54…)
//   corrupt      the server's files are damaged (XX001, XX002)
//   invalid      a statement, its values or its rights are wrong (0A…, 22…, 28…, 3…, 42…)
//   internal     everything else
base::ErrorKind kind_of_state(std::string_view state);

// libpq's words on one line.
std::string words_of(const char* message);

std::string state_of(const pg_result* result);

// After this refusal the server ends the session.
bool ends_session(const pg_result* result);

}  // namespace io
