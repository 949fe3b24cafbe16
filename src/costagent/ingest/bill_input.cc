#include "costagent/ingest/bill_input.h"

#include <algorithm>
#include <memory>

namespace costagent {

base::Result<std::unique_ptr<BillInput>> BillInput::open(const std::string& path) {
  auto reader = io::PackedReader::open(path);
  if (!reader) return base::pass_on(reader);
  std::unique_ptr<BillInput> input(new BillInput(path, std::move(*reader)));
  input->beginning_.resize(kBeginning);
  std::size_t size = 0;
  while (size < kBeginning) {
    const auto read = input->reader_.read(input->beginning_.data() + size, kBeginning - size);
    if (!read) return base::pass_on(read);
    if (*read == 0) break;
    size += *read;
  }
  input->beginning_.resize(size);
  input->beginning_digest_ = io::sha256_hex(input->beginning_);
  return input;
}

base::Result<std::size_t> BillInput::read(char* buffer, std::size_t size) {
  if (given_ < beginning_.size()) {
    const std::size_t taken = std::min(size, beginning_.size() - given_);
    std::copy_n(beginning_.data() + given_, taken, buffer);
    given_ += taken;
    digest_.update({buffer, taken});
    return taken;
  }
  auto read = reader_.read(buffer, size);
  if (read) digest_.update({buffer, *read});
  return read;
}

double BillInput::progress() const {
  if (reader_.file_size() == 0) return 1;
  return std::min(1.0, static_cast<double>(reader_.position()) / static_cast<double>(reader_.file_size()));
}

}  // namespace costagent
