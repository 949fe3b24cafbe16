// What both stores of feedback have in common: how slices and kinds are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "costagent/domain/feedback.h"

namespace costagent {

// Names and values of dimensions and tags, each behind its length, as they may hold any bytes.
std::string slice_text(const BillSlice& slice);
std::string slice_text(const Anomaly& anomaly);

// False if it wasn't written by these.
bool read_slice(std::string_view text, BillSlice& slice);
bool read_slice(std::string_view text, Anomaly& anomaly);

std::optional<FeedbackKind> feedback_kind(std::string_view name);

base::Failure too_much_feedback();

}  // namespace costagent
