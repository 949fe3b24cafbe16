#include "costagent/store/postgres_numbers.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "costagent/store/postgres_fact_queries.h"
#include "costagent/store/postgres_queries.h"
#include "io/postgresql_pipeline.h"

namespace costagent {
namespace {

using base::Nanoseconds;
using Texts = std::span<const std::string_view>;
using Numbers = std::vector<std::int64_t>;

// Texts that are remembered, so that they need not be looked up: past that they are forgotten together.
constexpr std::size_t kMaxBytes = std::size_t{64} * 1024 * 1024;
constexpr std::size_t kTextBytes = 100;  // of a map's node and the string object, beside the text
// What one statement asks for: it takes the server some tens of milliseconds.
constexpr std::size_t kMostAtOnce = 1000;
constexpr std::size_t kMostBytesAtOnce = std::size_t{4} * 1024 * 1024;

constexpr std::int64_t kNew = 0;

Numbers numbers_of(const io::PostgresRows& rows) {
  Numbers numbers;
  numbers.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) numbers.push_back(rows.is_null(row, 0) ? kNew : rows.integer(row, 0));
  return numbers;
}

// The numbers of some things, in their order. `values_of` makes parameters of some of them, by their indices.
template <class ValuesOf>
base::Result<Numbers> find_or_add(io::Postgres& session, const io::PostgresStatement& find,
                                  const io::PostgresStatement& add, std::size_t size, ValuesOf values_of,
                                  Nanoseconds until) {
  std::vector<std::size_t> wanted(size);
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  io::PostgresPipeline pipeline(session);
  pipeline.add(postgres::kPlanOnce);
  pipeline.add(find, values_of(wanted));
  const auto known = pipeline.run(until);
  if (!known) return base::pass_on(known);
  Numbers numbers = numbers_of(known->back());
  std::erase_if(wanted, [&](std::size_t i) { return numbers.at(i) != kNew; });
  if (wanted.empty()) return numbers;
  const io::PostgresValues values = values_of(wanted);
  pipeline.add(postgres::kPlanOnceAndCommitLazily);
  pipeline.add(add, values);
  pipeline.add(find, values);
  const auto added = pipeline.run(until);
  if (!added) return base::pass_on(added);
  const Numbers found = numbers_of(added->back());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (found.at(i) == kNew) return base::fail(base::ErrorKind::internal, "the database did not keep what was added");
    numbers[wanted[i]] = found[i];
  }
  return numbers;
}

// As many from the front as one statement asks for.
std::size_t batch_of(Texts texts) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < texts.size() && count < kMostAtOnce && bytes < kMostBytesAtOnce) bytes += texts[count++].size();
  return count;
}

}  // namespace

base::Result<> PostgresNumbers::of_texts(io::Postgres& session, Texts texts, std::span<std::int64_t> ids,
                                         Nanoseconds until) {
  std::vector<std::string_view> unknown;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto known = texts_.find(texts[i]);
    ids[i] = known != texts_.end() ? known->second : kNew;
    if (known == texts_.end()) unknown.push_back(texts[i]);
  }
  if (unknown.empty()) return {};
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  std::unordered_map<std::string_view, std::int64_t> found;
  for (Texts rest(unknown); !rest.empty();) {
    const Texts batch = rest.first(batch_of(rest));
    rest = rest.subspan(batch.size());
    const auto values_of = [&](const std::vector<std::size_t>& wanted) {
      std::vector<std::string_view> some;
      some.reserve(wanted.size());
      for (const std::size_t i : wanted) some.push_back(batch[i]);
      return io::PostgresValues().byte_strings(some);
    };
    const auto numbers =
        find_or_add(session, postgres::kIdsOfTexts, postgres::kAddTexts, batch.size(), values_of, until);
    if (!numbers) return base::pass_on(numbers);
    for (std::size_t i = 0; i < batch.size(); ++i) found.emplace(batch[i], (*numbers)[i]);
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (ids[i] == kNew) ids[i] = found.at(texts[i]);
  }
  for (const auto& [text, id] : found) keep(text, id);
  return {};
}

void PostgresNumbers::keep(std::string_view text, std::int64_t id) {
  if (bytes_ >= kMaxBytes) {
    texts_.clear();
    bytes_ = 0;
  }
  if (texts_.emplace(std::string(text), id).second) bytes_ += text.size() + kTextBytes;
}

base::Result<> PostgresNumbers::of_slices(io::Postgres& session, std::span<const SliceIds> slices,
                                          std::span<std::int64_t> ids, Nanoseconds until) {
  std::vector<std::size_t> order(slices.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return slices[a] < slices[b]; });
  for (std::span<const std::size_t> rest(order); !rest.empty();) {
    const auto batch = rest.first(std::min(rest.size(), kMostAtOnce));
    rest = rest.subspan(batch.size());
    const auto values_of = [&](const std::vector<std::size_t>& wanted) {
      io::PostgresValues values;
      Numbers column(wanted.size());
      for (std::size_t of = 0; of < kSliceColumns; ++of) {
        std::transform(wanted.begin(), wanted.end(), column.begin(),
                       [&](std::size_t i) { return slices[batch[i]][of]; });
        values.int64s(column);
      }
      return values;
    };
    const auto numbers =
        find_or_add(session, postgres::kIdsOfSlices, postgres::kAddSlices, batch.size(), values_of, until);
    if (!numbers) return base::pass_on(numbers);
    for (std::size_t i = 0; i < batch.size(); ++i) ids[batch[i]] = (*numbers)[i];
  }
  return {};
}

}  // namespace costagent
