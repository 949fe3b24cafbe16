#include "loadlab/plan/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>

#include "loadlab/plan/source_text.h"

namespace loadlab {
namespace {

// The bytes that a node takes besides its text, so that a bomb of empty nodes is bounded too.
constexpr std::size_t kNodeBytes = 32;

// Stops the parser from inside a handler; never leaves this file.
struct Stop {};

// Builds the tree from the parser's events.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceText& source, Complaints& complaints) : source_(source), complaints_(complaints) {}

  YamlPointer root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(new_node(YamlNode::Kind::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) stop(at(mark), "this alias stands inside what it stands for; it would never end");
    const YamlPointer& node = found->second;
    if (static_cast<int>(open_.size()) + node->height > kMaxYamlDepth) stop_as_too_deep(at(mark));
    count(node->expanded_size, at(mark));
    place(node, at(mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = new_node(YamlNode::Kind::scalar, mark);
    node->text = value;
    node->quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!node->quoted) refuse_tag(tag, node->at);
    const auto place_of_text = source_.locate(mark.line, mark.column, value);
    if (place_of_text.unclosed_quote) stop(node->at, "this quote is never closed");
    node->text_at = place_of_text.at;
    node->verbatim = place_of_text.verbatim;
    node->expanded_size += value.size();
    count(value.size(), node->at);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_tag(tag, at(mark));
    open(new_node(YamlNode::Kind::list, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_tag(tag, at(mark));
    open(new_node(YamlNode::Kind::map, mark), anchor);
  }
  void OnMapEnd() override {
    merge_into(*open_.back().node, open_.back().merges);
    close();
  }

 private:
  struct Key {
    std::string text;
    Position at;
    bool merge;
  };
  // A list or map whose end has not come yet.
  struct Open {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor;
    std::optional<Key> key{};  // of a map: the key whose value comes next
    std::vector<YamlEntry> merges{};
  };

  Position at(const YAML::Mark& mark) const { return source_.position(mark.line, mark.column); }

  [[noreturn]] void stop(Position where, std::string_view what) {
    complaints_.add(where, "{}", what);
    throw Stop{};
  }
  [[noreturn]] void stop_as_too_deep(Position where) {
    stop(where, fmt::format("nested more than {} levels deep; no plan needs that", kMaxYamlDepth));
  }

  void count(std::size_t bytes, Position where) {
    expanded_ += bytes;
    if (expanded_ > kMaxExpandedBytes)
      stop(where, fmt::format("with its aliases written out the plan is larger than {} MB; use fewer of them",
                              kMaxExpandedBytes / 1'000'000));
  }

  void refuse_tag(const std::string& tag, Position where) {
    static constexpr auto kHarmless =
        std::to_array<std::string_view>({"", "?", "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"});
    if (std::find(kHarmless.begin(), kHarmless.end(), tag) != kHarmless.end()) return;
    complaints_.add(where, "a plan has no tags like '{}'; take it away, the key decides the type", shown(tag));
  }

  std::shared_ptr<YamlNode> new_node(YamlNode::Kind kind, const YAML::Mark& mark) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->at = at(mark);
    node->text_at = node->at;
    node->expanded_size = kNodeBytes;
    count(kNodeBytes, node->at);
    return node;
  }

  void open(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
    if (static_cast<int>(open_.size()) + 1 >= kMaxYamlDepth) stop_as_too_deep(node->at);
    if (expects_key()) stop(node->at, "a key is a single word here, not a list or a map");
    open_.push_back({std::move(node), anchor});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  bool expects_key() const {
    return !open_.empty() && open_.back().node->kind == YamlNode::Kind::map && !open_.back().key;
  }

  void finish(std::shared_ptr<YamlNode> node, YAML::anchor_t anchor) {
    const Position where = node->at;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    place(std::move(node), where);
  }

  // Puts a finished node where it belongs: a key, a value, an item or the root. `where` is its own place or its
  // alias's.
  void place(const YamlPointer& node, Position where) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (expects_key()) {
      if (node->kind != YamlNode::Kind::scalar) stop(where, "expected a key here, a word with ':' after it");
      parent.key = Key{node->text, where, node->text == "<<" && !node->quoted};
      return;
    }
    parent.node->height = std::max(parent.node->height, node->height + 1);
    parent.node->expanded_size += node->expanded_size;
    if (parent.node->kind == YamlNode::Kind::list) {
      parent.node->items.push_back(node);
      return;
    }
    add_entry(parent, node);
  }

  void add_entry(Open& parent, const YamlPointer& value) {
    Key key = std::move(*parent.key);
    parent.key.reset();
    parent.node->expanded_size += key.text.size();
    if (key.merge) {
      parent.merges.push_back({key.text, key.at, value});
    } else if (const YamlEntry* first = parent.node->find(key.text)) {
      complaints_.add(key.at, "key '{}' is given twice; it stands in line {}, column {} already", shown(key.text),
                      first->key_at.line, first->key_at.column);
    } else {
      if (parent.node->entries.size() == kMostKeys)
        stop(key.at, fmt::format("a map has more than {} keys; no plan needs that", kMostKeys));
      parent.node->entries.push_back({std::move(key.text), key.at, value});
    }
  }

  // What a map says itself comes before what it merges, and an earlier merge before a later one
  // (yaml.org/type/merge.html, 2005).
  void merge_into(YamlNode& node, const std::vector<YamlEntry>& merges) {
    const auto merge_map = [&](const YamlNode& from, Position where) {
      if (from.kind != YamlNode::Kind::map) {
        complaints_.add(where, "'<<' merges a map, or a list of maps, as in '<<: *name'");
        return;
      }
      for (const YamlEntry& entry : from.entries) {
        if (node.find(entry.key) || node.entries.size() == kMostKeys) continue;
        node.height = std::max(node.height, entry.value->height + 1);
        node.entries.push_back(entry);
      }
    };
    for (const YamlEntry& merge : merges) {
      if (merge.value->kind != YamlNode::Kind::list) {
        merge_map(*merge.value, merge.key_at);
        continue;
      }
      for (const YamlPointer& item : merge.value->items) merge_map(*item, merge.key_at);
    }
  }

  // Finding a key walks the map: this keeps the walk short. The largest map of a plan is a JSON body.
  static constexpr std::size_t kMostKeys = 1000;

  const SourceText& source_;
  Complaints& complaints_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlPointer> anchors_;
  YamlPointer root_;
  std::size_t expanded_ = 0;
};

// What the parser's terse messages mean for who wrote the file.
std::string explain(const std::string& message) {
  using namespace YAML::ErrorMsg;
  static const std::map<std::string, std::string, std::less<>> kMeaning = {
      {TAB_IN_INDENTATION, "a tab in the indentation; YAML takes spaces only"},
      {BLOCK_ENTRY, "a list item ('- ') can't stand here; check the indentation (spaces, no tabs)"},
      {MAP_KEY, "a key can't stand here; check the indentation"},
      {MAP_VALUE, "a second ':' on a line, or wrong indentation; a text with ': ' in it wants quotes"},
      {END_OF_MAP, "the indentation fits no line above; keys of one map begin in the same column"},
      {END_OF_SEQ, "the indentation fits no line above; items of one list begin in the same column"},
      {END_OF_MAP_FLOW, "expected ',' or '}' of a '{' opened before"},
      {END_OF_SEQ_FLOW, "expected ',' or ']' of a '[' opened before"},
      {FLOW_END, "a '}' or ']' that nothing opens"},
      {UNKNOWN_TOKEN, "this character can't begin a value; put the text in quotes"},
      {UNKNOWN_ANCHOR, "this alias names no anchor (&name) above it"},
      {EOF_IN_SCALAR, "the file ends within a quoted text"},
  };
  const auto found = kMeaning.find(message);
  return found != kMeaning.end() ? found->second : fmt::format("not valid YAML: {}", message);
}

}  // namespace

const YamlEntry* YamlNode::find(std::string_view key) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [key](const YamlEntry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

YamlPointer parse_yaml(std::string_view text, Complaints& complaints, int file) {
  const Position top{1, 1, file};
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.size() > kMaxPlanBytes) {
    complaints.add(top, "the plan is larger than {} MB; no plan needs that", kMaxPlanBytes / 1'000'000);
    return nullptr;
  }
  const SourceText source(text, file);
  if (const auto bad = source.first_not_text()) {
    complaints.add(*bad, "this is not text in UTF-8");
    return nullptr;
  }
  TreeBuilder builder(source, complaints);
  try {
    std::istringstream in{std::string(text)};
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder) || !builder.root()) {
      complaints.add(top, "the plan is empty; it needs at least 'target', 'users' or 'rate', and 'steps'");
      return nullptr;
    }
    YamlPointer root = builder.root();
    TreeBuilder rest(source, complaints);
    if (parser.HandleNextDocument(rest) && rest.root()) {
      complaints.add(rest.root()->at,
                     "the plan has ended above this line; check the indentation (a file holds one plan)");
    }
    return root;
  } catch (const Stop&) {
    return nullptr;
  } catch (const YAML::Exception& problem) {
    complaints.add(source.position(problem.mark.line, problem.mark.column), "{}", explain(problem.msg));
    return nullptr;
  } catch (const std::exception& problem) {
    complaints.add(top, "the YAML parser failed: {}", problem.what());
    return nullptr;
  }
}

}  // namespace loadlab
