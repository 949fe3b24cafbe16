#include "costagent/store/feedback_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "costagent/domain/feedback_store.h"
#include "costagent/domain/names.h"

namespace costagent {
namespace {

constexpr std::string_view kTag = "tag:";

void write(std::string& to, std::string_view text) { to += fmt::format("{}:{}", text.size(), text); }

// The text at the front, which is taken off.
std::optional<std::string> take(std::string_view& from) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), size);
  const auto digits = static_cast<std::size_t>(end - from.data());
  if (error != std::errc() || digits == from.size() || *end != ':' || from.size() - digits - 1 < size)
    return std::nullopt;
  std::string text(from.substr(digits + 1, size));
  from.remove_prefix(digits + 1 + size);
  return text;
}

// Calls `add` with a dimension, or the name of a tag, and its value.
template <class Add>
bool read_all(std::string_view text, Add add) {
  while (!text.empty()) {
    const auto name = take(text);
    const auto value = name ? take(text) : std::nullopt;
    if (!value) return false;
    if (name->starts_with(kTag)) {
      add(std::nullopt, name->substr(kTag.size()), *value);
      continue;
    }
    const auto dimension = parse_name<Dimension>(*name);
    if (!dimension) return false;
    add(dimension, {}, *value);
  }
  return true;
}

}  // namespace

std::string slice_text(const BillSlice& slice) {
  std::string text;
  for (const auto& [dimension, value] : slice.only) {
    write(text, name_of(dimension));
    write(text, value);
  }
  for (const auto& [tag, value] : slice.only_tagged) {
    write(text, std::string(kTag) + tag);
    write(text, value);
  }
  return text;
}

std::string slice_text(const Anomaly& anomaly) {
  std::string text;
  for (std::size_t i = 0; i < anomaly.dimensions.size(); ++i) {
    write(text, name_of(anomaly.dimensions[i]));
    write(text, anomaly.slice[i]);
  }
  if (!anomaly.tag.empty()) {
    write(text, std::string(kTag) + anomaly.tag);
    write(text, anomaly.slice.back());
  }
  return text;
}

bool read_slice(std::string_view text, BillSlice& slice) {
  return read_all(text, [&](std::optional<Dimension> dimension, const std::string& tag, const std::string& value) {
    if (dimension) {
      slice.only[*dimension] = value;
    } else {
      slice.only_tagged[tag] = value;
    }
  });
}

bool read_slice(std::string_view text, Anomaly& anomaly) {
  return read_all(text, [&](std::optional<Dimension> dimension, const std::string& tag, const std::string& value) {
    if (dimension) {
      anomaly.dimensions.push_back(*dimension);
    } else {
      anomaly.tag = tag;
    }
    anomaly.slice.push_back(value);
  });
}

std::optional<FeedbackKind> feedback_kind(std::string_view name) {
  const auto found = std::find(kFeedbackKinds.begin(), kFeedbackKinds.end(), name);
  if (found == kFeedbackKinds.end()) return std::nullopt;
  return static_cast<FeedbackKind>(found - kFeedbackKinds.begin());
}

base::Failure too_much_feedback() {
  return base::fail(base::ErrorKind::too_large,
                    "there are {} pieces of feedback of this customer already: remove some that no longer matter",
                    FeedbackStore::kMostFeedback);
}

}  // namespace costagent
