// Any bytes are a bill of some form, packed or not, or a complaint about one: never a crash, and never a charge that
// breaks what charge.h says.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "costagent/ingest/bill_reader.h"
#include "costagent/ingest/json_cursor.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// A file in memory, that is read by a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(::memfd_create("bill", MFD_CLOEXEC)) {
    require(descriptor_ >= 0);
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      require(written > 0);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void check(const costagent::Charge& charge) {
  require(!charge.provider.empty() && !charge.currency.empty());
  require(charge.period_start <= charge.period_end);
  for (const base::Decimal* cost :
       {&charge.billed_cost, &charge.effective_cost, &charge.list_cost, &charge.contracted_cost}) {
    require(base::Decimal::parse_sum(cost->to_string()) == *cost);
  }
  if (charge.tags.empty()) return;
  costagent::JsonCursor cursor(charge.tags);
  costagent::JsonValue value;
  require(cursor.peek() == costagent::JsonKind::object && cursor.take(value) && cursor.at_end());
}

void check(const costagent::Commitment& commitment) {
  require(!commitment.id.empty() && !commitment.contract_id.empty());
  require(commitment.start <= commitment.end);
}

void check(const costagent::UtilisationSample& sample) { require(!sample.resource_id.empty()); }

template <class Item>
void read_all(costagent::BillReader& reader) {
  Item item;
  costagent::BillLine line;
  std::uint64_t last = 0;
  for (;;) {
    const auto more = reader.next(item, line);
    if (!more) return require(!more.error().message.empty());
    if (!*more) break;
    require(!line.raw.empty() && line.number >= last);
    last = line.number;
    if (line.problem) {
      require(!line.problem->message.empty());
    } else {
      check(item);
    }
  }
  require(reader.digest().size() == 64);
  for (const std::string& sentence : reader.assumptions()) require(!sentence.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const MemoryFile file({reinterpret_cast<const char*>(data), size});
  const auto reader = costagent::open_bill(file.path());
  if (!reader) {
    require(!reader.error().message.empty());
    return 0;
  }
  switch ((*reader)->kind()) {
    case costagent::BillKind::charges:
      read_all<costagent::Charge>(**reader);
      break;
    case costagent::BillKind::commitments:
      read_all<costagent::Commitment>(**reader);
      break;
    case costagent::BillKind::utilisation:
      read_all<costagent::UtilisationSample>(**reader);
      break;
  }
  return 0;
}
