// POST /collect/focus.
#include <algorithm>

#include "costagent/api/api.h"
#include "costagent/api/job_answers.h"
#include "costagent/api/parameters.h"
#include "costagent/domain/same_word.h"

namespace costagent {
namespace {

// What the command's --replace and --add say.
Restatement read_restatement(Parameters& parameters) {
  return parameters.choice_or<Restatement>(
      "restatement", Restatement::by_days,
      {{"by_days", Restatement::by_days}, {"replace", Restatement::replace}, {"add", Restatement::add}});
}

// A bill, which a JSON object that names a file is not. Its form is known by what it holds, whatever is said of it.
bool is_type_of_bill(std::string_view content_type) {
  constexpr std::string_view kTypes[] = {
      "text/csv",          "application/gzip",         "application/x-gzip",
      "application/zstd",  "application/octet-stream", "application/x-ndjson",
      "application/jsonl", "application/jsonlines",    "application/vnd.apache.parquet"};
  const auto type = content_type.substr(0, content_type.find_first_of("; "));
  return std::any_of(std::begin(kTypes), std::end(kTypes),
                     [&](std::string_view known) { return same_word(type, known); });
}

class BillUpload final : public Incoming {
 public:
  explicit BillUpload(std::unique_ptr<Collection::Upload> upload) : upload_(std::move(upload)) {}
  base::Result<> write(std::string_view part) override { return upload_->write(part); }
  base::Result<Job> collect() { return upload_->collect(); }

 private:
  const std::unique_ptr<Collection::Upload> upload_;
};

// What a query says of the bill in its body, or that there is none: then the body is a JSON object.
struct AskedUpload {
  bool is_upload = false;
  std::string customer;
  std::string name;
  Restatement restatement = Restatement::by_days;
  std::int64_t wait = 0;
};

base::Result<AskedUpload> read_query(const Request& request) {
  auto query = Parameters::from_query(request.query);
  if (!query) return base::pass_on(query);
  AskedUpload asked;
  asked.wait = query->integer_or("wait", 0, 0, kMaxWait);
  asked.is_upload = query->has("customer_id") || is_type_of_bill(request.content_type);
  if (asked.is_upload) {
    if (request.content_type.starts_with("multipart/"))
      return base::fail_field("Content-Type",
                              "send the bill itself as the body, not as a form: curl --data-binary @FILE");
    asked.customer = query->text("customer_id");
    asked.name = query->text_or_empty("name");
    if (asked.name.empty()) asked.name = "upload";
    asked.restatement = read_restatement(*query);
  }
  if (const auto good = query->finish(); !good) return base::pass_on(good);
  return asked;
}

base::Result<std::unique_ptr<Incoming>> begin_upload(const Services& services, const Request& request) {
  const auto asked = read_query(request);
  if (!asked) return base::pass_on(asked);
  if (!asked->is_upload) return std::unique_ptr<Incoming>();
  auto upload = services.collection.begin_upload(asked->customer, asked->name, asked->restatement,
                                                 request.content_length.value_or(0));
  if (!upload) return base::pass_on(upload);
  return std::unique_ptr<Incoming>(std::make_unique<BillUpload>(std::move(*upload)));
}

base::Result<Job> collect_named(const Services& services, const Request& request) {
  auto body = Parameters::from_body(request.body);
  if (!body) return base::pass_on(body);
  const auto customer = body->text("customer_id");
  const auto file = body->text("file");
  const auto restatement = read_restatement(*body);
  if (const auto good = body->finish(); !good) return base::pass_on(good);
  return services.collection.collect_focus(customer, file, restatement);
}

base::Result<Response> collect(const Services& services, const Request& request) {
  const auto asked = read_query(request);
  if (!asked) return base::pass_on(asked);
  if (asked->is_upload && request.incoming == nullptr)
    return base::fail(base::ErrorKind::invalid, "the body is empty: send the bill as it");
  const auto job =
      asked->is_upload ? static_cast<BillUpload*>(request.incoming)->collect() : collect_named(services, request);
  if (!job) return base::pass_on(job);
  if (asked->wait == 0) return job_response(*job, 202);
  return await_new_job(services, *job, std::chrono::seconds(asked->wait), 202, request.request_id);
}

}  // namespace

void add_collect_routes(Router& router, const Services& services) {
  const auto handle = [&services](const Request& request) { return collect(services, request); };
  const auto intake = [&services](const Request& request) { return begin_upload(services, request); };
  router.add(Method::post, "/collect/focus", handle, Turn::queued, intake);
}

}  // namespace costagent
