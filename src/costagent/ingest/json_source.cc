#include "costagent/ingest/json_source.h"

#include <limits>
#include <unordered_map>

#include "costagent/ingest/json_cursor.h"
#include "costagent/ingest/json_objects.h"

namespace costagent {
namespace {

using base::ErrorKind;

constexpr std::size_t kMostNames = 1024;  // as a CSV record's fields

// Looked up without making a string.
struct KeyHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
};

// Appends a name's key to that of what it stands in.
void append_key(std::string_view name, std::string& path) {
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      path += c;
    } else if (c >= 'A' && c <= 'Z') {
      path += static_cast<char>(c - 'A' + 'a');
    }
  }
}

// Collects the names of an object that was entered.
void collect(JsonCursor& cursor, const std::string& outer, std::vector<std::string>& names) {
  std::string_view key;
  while (cursor.next_member(key)) {
    std::string name = outer.empty() ? std::string(key) : outer + "." + std::string(key);
    if (cursor.peek() == JsonKind::object && cursor.enter_object()) {
      collect(cursor, name, names);
    } else {
      JsonValue value;
      if (!cursor.take(value)) return;
    }
    if (names.size() < kMostNames) names.push_back(std::move(name));
  }
}

class JsonSource final : public RecordSource {
 public:
  explicit JsonSource(std::unique_ptr<BillInput> input) : input_(std::move(input)), objects_(*input_) {}

  base::Result<> read_first() {
    const auto more = objects_.next(text_, line_);
    if (!more) return fail(more.error());
    if (!*more) return base::fail(ErrorKind::invalid, "{}: it is empty; expected objects", input_->path());
    JsonCursor cursor(text_);
    if (cursor.enter_object()) collect(cursor, "", texts_);
    if (!cursor.ok() || !cursor.at_end())
      return base::fail(ErrorKind::invalid, "{}:{}: {}", input_->path(), line_, kNoObject);
    names_.assign(texts_.begin(), texts_.end());
    first_is_read_ = true;
    return {};
  }

  std::span<const std::string_view> names() const override { return names_; }

  base::Result<Layout> bind(std::span<const ColumnWanted> wanted) override {
    Layout layout{{}, wanted.size(), false};
    std::unordered_map<std::string, std::string_view> own;
    for (const std::string_view name : names_) own.emplace(column_key(name), name);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      layout.positions.push_back(i);
      layout.names.emplace_back();
      for (const std::string_view name : wanted[i].names) {
        const auto known = own.find(column_key(name));
        if (known != own.end() && layout.names.back().empty()) layout.names.back() = known->second;
      }
      for (std::size_t rank = 0; rank < wanted[i].names.size(); ++rank)
        slots_.emplace(column_key(wanted[i].names[rank]), Slot{i, rank});
    }
    fields_.resize(wanted.size());
    ranks_.resize(wanted.size());
    seen_.resize(wanted.size());
    return layout;
  }

  bool absent(std::size_t wanted) const override { return !seen_[wanted]; }

  base::Result<bool> next(Record& record) override {
    if (!first_is_read_) {
      auto more = objects_.next(text_, line_);
      if (!more) return fail(more.error());
      if (!*more) return more;
    }
    first_is_read_ = false;
    fields_.assign(fields_.size(), {});
    ranks_.assign(ranks_.size(), kNotSet);
    room_.clear();
    room_.reserve(text_.size());
    path_.clear();
    twice_ = false;
    JsonCursor cursor(text_);
    if (cursor.enter_object()) read_members(cursor);
    record.problem = !cursor.ok() || !cursor.at_end() ? kNoObject : twice_ ? "a field stands in it twice" : nullptr;
    record.fields = fields_;
    record.raw = text_;
    record.line = line_;
    return true;
  }

  std::string_view header() const override { return {}; }
  double progress() const override { return input_->progress(); }
  const std::string& beginning_digest() const override { return input_->beginning_digest(); }
  std::string digest() override { return input_->digest(); }

 private:
  static constexpr const char* kNoObject = "it is no JSON object";
  static constexpr std::size_t kNotSet = std::numeric_limits<std::size_t>::max();

  // Which wanted column a name is of, and how early it stands among that one's names.
  struct Slot {
    std::size_t column;
    std::size_t rank;
  };

  base::Failure fail(const base::Error& error) const {
    return base::fail(error.kind, "{}: {}", input_->path(), error.message);
  }

  // Fills the fields from an object that was entered.
  void read_members(JsonCursor& cursor) {
    const std::size_t outer = path_.size();
    std::string_view key;
    while (cursor.next_member(key)) {
      append_key(key, path_);
      const auto slot = slots_.find(std::string_view(path_));
      JsonValue value;
      if (slot != slots_.end()) {
        if (cursor.take(value)) put(slot->second, value);
      } else if (cursor.peek() == JsonKind::object) {
        if (cursor.enter_object()) read_members(cursor);
      } else {
        cursor.take(value);
      }
      path_.resize(outer);
    }
  }

  void put(const Slot& slot, const JsonValue& value) {
    seen_[slot.column] = true;
    if (value.kind == JsonKind::null) return;
    twice_ = twice_ || ranks_[slot.column] == slot.rank;
    if (slot.rank >= ranks_[slot.column]) return;
    ranks_[slot.column] = slot.rank;
    fields_[slot.column] = text_of(value, room_);
  }

  std::unique_ptr<BillInput> input_;
  JsonObjects objects_;
  std::string_view text_;  // of the object at hand
  std::uint64_t line_ = 0;
  bool first_is_read_ = false;
  std::vector<std::string> texts_;
  std::vector<std::string_view> names_;
  std::unordered_map<std::string, Slot, KeyHash, std::equal_to<>> slots_;
  std::vector<std::string_view> fields_;
  std::vector<std::size_t> ranks_;  // of the name that each field was found under
  std::vector<bool> seen_;
  std::string room_;  // for strings with escapes
  std::string path_;
  bool twice_ = false;
};

}  // namespace

base::Result<std::unique_ptr<RecordSource>> open_json(std::unique_ptr<BillInput> input) {
  auto source = std::make_unique<JsonSource>(std::move(input));
  if (const auto read = source->read_first(); !read) return base::pass_on(read);
  return std::unique_ptr<RecordSource>(std::move(source));
}

}  // namespace costagent
