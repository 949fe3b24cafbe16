// The objects in a file of JSON, one after the other, each as text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "costagent/ingest/bill_input.h"

namespace costagent {

// Two forms: lines, each an object (JSON lines), and a document: an array of objects, an object that has one in a
// member that is known for it (`invoice_items` of Vultr's API), or objects that follow each other. Not thread-safe.
class JsonObjects {
 public:
  // As of a CSV record: a longer object is one that never ends.
  static constexpr std::size_t kMaxObject = std::size_t{1024} * 1024;

  // The input must outlive it. Nothing of it may have been read before.
  explicit JsonObjects(BillInput& input);

  // The next object, or, of lines, whatever the line holds; never empty. Of a document's, line ends are spaces. The
  // view holds until the next call. False at the end, when all of the input was read. Fails (a clause) as the input
  // does, and with `invalid` when an object is longer than 1 MiB or a document is none.
  base::Result<bool> next(std::string_view& text, std::uint64_t& line);

 private:
  base::Result<bool> next_line(std::string_view& text, std::uint64_t& line);
  base::Result<bool> next_object(std::string_view& text, std::uint64_t& line);
  base::Result<bool> find_object();
  base::Result<std::size_t> object_length();
  base::Result<bool> drain();
  base::Result<bool> fill();

  BillInput& input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // of what is still to be looked at
  std::size_t end_ = 0;
  bool input_ended_ = false;
  std::uint64_t line_ = 1;   // of begin_
  std::size_t skipped_ = 0;  // of the beginning: a byte order mark, and what stands before a known array
  bool lines_ = false;
  bool in_array_ = false;
  bool started_ = false;
};

}  // namespace costagent
