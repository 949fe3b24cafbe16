#include "costagent/api/kept_answer.h"

namespace costagent {

namespace {

base::Result<Response> keep(const Services& services, const std::string& customer, std::int64_t version,
                            const std::string& question, const std::function<base::Result<Response>()>& make) {
  // Of who has no facts there is only an error to tell, and anyone can think of any number of such customers.
  if (version == 0) return make();
  const auto answer =
      services.answers.get_or_make({customer, version, question}, [&make]() -> base::Result<std::string> {
        auto made = make();
        if (!made) return base::pass_on(made);
        return std::move(made->body);
      });
  if (!answer) return base::pass_on(answer);
  Response response;
  response.body = **answer;
  return response;
}

// FNV-1a (Fowler, Noll and Vo, 1991), 64 bits. Nothing depends on it being hard to forge: pages tell no more than the
// first one does.
std::uint64_t fnv_1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

// In both, the version is read before the facts are: an answer may then be newer than its key says, but never older.
base::Result<Response> kept_answer(const Services& services, const std::string& customer, const QuestionText& question,
                                   const std::function<base::Result<Response>()>& make) {
  const auto version = services.facts.version(customer);
  if (!version) return base::pass_on(version);
  return keep(services, customer, *version, question.text(), make);
}

base::Result<Response> kept_page(const Services& services, const std::string& customer, QuestionText question,
                                 const AskedPage& page,
                                 const std::function<base::Result<Response>(const std::string& stamp)>& make) {
  const auto version = services.facts.version(customer);
  if (!version) return base::pass_on(version);
  const std::string stamp = fmt::format("{:016x}", fnv_1a(fmt::format("{}.{}", *version, question.text())));
  if (page.offset > 0 && page.stamp != stamp) {
    return base::Failure(base::Error{base::ErrorKind::conflict,
                                     "this page is of another question, or the bills have changed since the page "
                                     "before: begin again, without a cursor",
                                     "cursor"});
  }
  question.add(page.limit).add(page.offset);
  return keep(services, customer, *version, question.text(), [&] { return make(stamp); });
}

}  // namespace costagent
