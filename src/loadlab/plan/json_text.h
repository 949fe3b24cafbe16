// The JSON text of a YAML value, as the `json` key of a step takes it.
#pragma once

#include "loadlab/plan/complaints.h"
#include "loadlab/plan/template.h"

namespace loadlab {

// Plain scalars are null, booleans and numbers by the core schema of YAML 1.2 (section 10.3.2), with one difference
// that keeps identifiers whole: a number with a leading zero, such as `007`, stays a string. Quoted scalars are
// strings. Strings and keys may hold variables, whose values are escaped. Numbers keep their digits (`1.10` stays
// `1.10`); infinities and not-a-number, which JSON hasn't, are complained of.
Template read_json(const YamlNode& value, const Scope& scope, Complaints& complaints);

// A pointer to something within a JSON text (RFC 6901, section 3): not the empty one, which is all of it.
bool is_json_pointer(std::string_view text);

}  // namespace loadlab
