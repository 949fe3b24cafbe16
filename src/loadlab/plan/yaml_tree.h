// YAML as a tree of texts with positions: what a plan's readers walk.
//
// Every scalar stays text, and the key it stands under decides what it means: `007` and `yes` are never numbers or
// booleans by accident. Aliases share their node; merge keys (`<<`) are already merged.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loadlab/plan/complaints.h"

namespace loadlab {

struct YamlNode;
using YamlPointer = std::shared_ptr<const YamlNode>;

struct YamlEntry {
  std::string key;
  Position key_at;
  YamlPointer value;
};

struct YamlNode {
  enum class Kind { null, scalar, list, map };

  Kind kind = Kind::null;
  Position at;
  std::string text;     // of a scalar
  bool quoted = false;  // of a scalar: in quotes, a block, or tagged !!str, and so a string whatever it looks like
  // Where the text's first character stands, when it stands in the file just as it is; else (escapes, folded lines,
  // blocks) where the scalar begins. Adding an offset to its column is right only if `verbatim`.
  Position text_at;
  bool verbatim = false;
  std::vector<YamlPointer> items;  // of a list
  std::vector<YamlEntry> entries;  // of a map, in the order of the file, keys unique

  // For the bounds: levels below and with this one, and the bytes it would take with every alias written out.
  int height = 1;
  std::size_t expanded_size = 0;

  const YamlEntry* find(std::string_view key) const;
};

// A plan with a thousand steps is some 100 KB. What is larger was generated, or isn't a plan.
inline constexpr std::size_t kMaxPlanBytes = 1'000'000;
// The form of a plan is 7 levels deep; the rest is for JSON bodies. Keeps recursion far from the stack's end.
inline constexpr int kMaxYamlDepth = 64;
// What aliases may make of it: a file that grows beyond this is a mistake or an attack ("billion laughs").
inline constexpr std::size_t kMaxExpandedBytes = 8'000'000;

// The root of the text's only document; none if the text can't be read, with the reason in `complaints`. A tree may be
// returned with complaints (a key given twice: the first is kept), so that the rest can be checked as well.
// `file` is the number of the text's positions (Complaints::add_file).
YamlPointer parse_yaml(std::string_view text, Complaints& complaints, int file = 0);

}  // namespace loadlab
