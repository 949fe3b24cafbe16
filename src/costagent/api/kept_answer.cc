#include "costagent/api/kept_answer.h"

namespace costagent {

base::Result<Response> kept_answer(const Services& services, const std::string& customer, const QuestionText& question,
                                   const std::function<base::Result<Response>()>& make) {
  // The version is read before the facts are: an answer may then be newer than its key says, but never older.
  const auto version = services.facts.version(customer);
  if (!version) return base::pass_on(version);
  // Of who has no facts there is only an error to tell, and anyone can think of any number of such customers.
  if (*version == 0) return make();
  const auto answer =
      services.answers.get_or_make({customer, *version, question.text()}, [&make]() -> base::Result<std::string> {
        auto made = make();
        if (!made) return base::pass_on(made);
        return std::move(made->body);
      });
  if (!answer) return base::pass_on(answer);
  Response response;
  response.body = **answer;
  return response;
}

}  // namespace costagent
