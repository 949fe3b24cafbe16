#include "costagent/store/matching_rows.h"

#include <algorithm>
#include <boost/json.hpp>

#include "costagent/domain/provider.h"

namespace costagent {
namespace {

// Slices and tags that one question looks at: they are remembered while it is answered, some hundred bytes each.
constexpr std::size_t kMaxRemembered = 1'000'000;

base::Failure too_many() {
  return base::fail(base::ErrorKind::too_large,
                    "the question goes through too much: ask for fewer days or for a part of the bill");
}

// A JSON object of texts, as bills have their tags; what is none has no tags.
std::map<std::string, std::string, std::less<>> parse_tags(const std::string& text) {
  std::map<std::string, std::string, std::less<>> tags;
  boost::system::error_code error;
  const boost::json::value parsed = boost::json::parse(text, error);
  if (error || !parsed.is_object()) return tags;
  for (const auto& [name, value] : parsed.get_object()) {
    const auto* given = value.if_string();
    tags.emplace(std::string(name), given != nullptr ? std::string(*given) : boost::json::serialize(value));
  }
  return tags;
}

}  // namespace

base::Result<std::optional<RowFilter>> make_filter(FactSource& source, const std::string& customer,
                                                   const std::map<Dimension, std::string>& only,
                                                   const std::map<std::string, std::string>& only_tagged) {
  RowFilter filter;
  const auto id = source.find_text(customer);
  if (!id) return base::pass_on(id);
  if (!*id) return std::optional<RowFilter>();
  filter.customer = **id;
  filter.only_tagged = only_tagged;
  for (const auto& [dimension, text] : only) {
    std::vector<std::int64_t> values;
    const auto texts =
        dimension == Dimension::provider ? provider_spellings(text) : std::vector<std::string_view>{text};
    for (const std::string_view spelling : texts) {
      const auto value = source.find_text(spelling);
      if (!value) return base::pass_on(value);
      if (*value) values.push_back(**value);
    }
    if (values.empty()) return std::optional<RowFilter>();
    filter.only.emplace_back(column_of(dimension), std::move(values));
  }
  return std::optional(std::move(filter));
}

base::Result<MatchingRows> MatchingRows::open(FactSource& source, RowFilter filter, std::vector<SliceColumn> by,
                                              Period period, bool by_day) {
  for (const auto& [column, values] : filter.only) by.push_back(column);
  if (!filter.only_tagged.empty()) by.push_back(SliceColumn::tags);
  auto hidden = source.hidden_parts(filter.customer);
  if (!hidden) return base::pass_on(hidden);
  return MatchingRows(source, std::move(filter), std::move(*hidden), choose_rollups(by, period, by_day));
}

base::Result<bool> MatchingRows::next() {
  for (;;) {
    if (!cursor_) {
      if (segment_ == segments_.size()) return false;
      const Segment& segment = segments_[segment_];
      auto cursor = source_->rollup(segment.rollup, filter_.filter().customer, segment.from, segment.to);
      if (!cursor) return base::pass_on(cursor);
      cursor_ = std::move(*cursor);
    }
    const auto more = cursor_->next(row_);
    if (!more) return more;
    if (!*more) {
      cursor_.reset();
      ++segment_;
      continue;
    }
    if (std::binary_search(hidden_.begin(), hidden_.end(), row_.part)) continue;
    const auto& parts = filter_.filter().parts;
    if (parts && !std::binary_search(parts->begin(), parts->end(), row_.part)) continue;
    const auto wanted = matches();
    if (!wanted || *wanted) return wanted;
  }
}

base::Result<bool> MatchingRows::matches() {
  const Level level = segments_[segment_].rollup.level;
  if (level != Level::slice) {
    std::size_t next = 0;
    for (const SliceColumn column : key_columns(level)) from_key_[at(column)] = row_.key[next++];
    columns_ = &from_key_;
    return filter_.matches(from_key_);
  }
  const auto [found, added] = slices_.try_emplace(row_.key[0]);
  Slice& slice = found->second;
  if (added) {
    if (slices_.size() > kMaxRemembered) return too_many();
    const auto columns = source_->slice(row_.key[0]);
    if (!columns) return base::pass_on(columns);
    slice.columns = *columns;
    const auto wanted = filter_.matches(slice.columns);
    if (!wanted) return wanted;
    slice.matches = *wanted;
  }
  columns_ = &slice.columns;
  return slice.matches;
}

base::Result<bool> ColumnFilter::matches(const SliceIds& columns) {
  for (const auto& [column, values] : filter_.only) {
    if (std::find(values.begin(), values.end(), columns[at(column)]) == values.end()) return false;
  }
  if (filter_.only_tagged.empty()) return true;
  const auto tags = tags_of(columns[at(SliceColumn::tags)]);
  if (!tags) return base::pass_on(tags);
  return std::all_of(filter_.only_tagged.begin(), filter_.only_tagged.end(), [&](const auto& wanted) {
    const auto found = (*tags)->find(wanted.first);
    return found == (*tags)->end() ? wanted.second.empty() : found->second == wanted.second;
  });
}

base::Result<const ColumnFilter::Tags*> ColumnFilter::tags_of(std::int64_t id) {
  const auto [found, added] = tags_.try_emplace(id);
  if (!added) return &found->second;
  if (tags_.size() > kMaxRemembered) return too_many();
  const auto text = source_->text(id);
  if (!text) return base::pass_on(text);
  found->second = parse_tags(*text);
  return &found->second;
}

base::Result<std::string_view> MatchingRows::tag(const std::string& name) {
  const auto tags = filter_.tags_of(column(SliceColumn::tags));
  if (!tags) return base::pass_on(tags);
  const auto found = (*tags)->find(name);
  return found == (*tags)->end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace costagent
