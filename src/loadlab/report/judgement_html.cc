#include "loadlab/report/judgement_html.h"

#include <fmt/format.h>

#include "loadlab/report/html_text.h"
#include "loadlab/report/units.h"

namespace loadlab {
namespace {

// The pill's class by what it means for the verdict.
const char* tone_of(const LeakFinding& leak) {
  if (leak.verdict == LeakVerdict::none) return "pass";
  return leak.verdict == LeakVerdict::leak && !leak.warn_only ? "fail" : "warn";
}

std::string leaks_html(const Leaks& leaks) {
  if (!leaks.not_judged.empty())
    return fmt::format("<p class=\"soft\">Leaks were not judged: {}.</p>\n", escaped(leaks.not_judged));
  if (leaks.findings.empty()) return "";
  std::string out =
      "<h3>Leaks</h3>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Resource</th><th "
      "scope=\"col\"></th><th scope=\"col\">An hour</th><th scope=\"col\">Per 1,000 requests</th><th "
      "scope=\"col\">Least that shows, an hour</th></tr></thead>\n<tbody>\n";
  for (const LeakFinding& leak : leaks.findings) {
    out += fmt::format(
        "<tr><td>{} <span class=\"soft\">{}</span></td><td><span class=\"pill "
        "{}\">{}</span></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        escaped(leak.resource), escaped(leak.label), tone_of(leak), name_of(leak.verdict),
        format_value(leak.slope_per_hour, leak.unit),
        leak.per_thousand_requests ? format_value(*leak.per_thousand_requests, leak.unit) : "—",
        format_value(leak.smallest_per_hour, leak.unit));
  }
  out += "</tbody></table></div>\n<ul class=\"plain\">\n";
  for (const LeakFinding& leak : leaks.findings) out += fmt::format("<li>{}</li>\n", escaped(leak.sentence));
  return out + "</ul>\n";
}

std::string bottleneck_html(const Bottleneck& bottleneck) {
  if (bottleneck.sentence.empty()) return "";
  std::string out = fmt::format("<h3>Bottleneck</h3>\n<p>{}</p>\n", escaped(bottleneck.sentence));
  if (bottleneck.candidates.empty()) return out;
  out +=
      "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Candidate</th><th scope=\"col\">Score</th><th "
      "class=\"text\" scope=\"col\">Evidence</th><th class=\"text\" scope=\"col\">Advice</th></tr></thead>\n<tbody>\n";
  for (const Candidate& candidate : bottleneck.candidates) {
    out +=
        fmt::format("<tr><td>{}{}</td><td>{:.2f}</td><td class=\"text\">{}</td><td class=\"text\">{}</td></tr>\n",
                    escaped(candidate.cause), candidate.exact ? " <span class=\"soft\">by its own metrics</span>" : "",
                    candidate.score, escaped(candidate.evidence), escaped(candidate.advice));
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace

std::string judgement_html(const TestResult& test) {
  std::string out = bottleneck_html(test.bottleneck) + leaks_html(test.leaks);
  if (test.recovery) out += fmt::format("<h3>Recovery</h3>\n<p>{}</p>\n", escaped(test.recovery->sentence));
  return out;
}

}  // namespace loadlab
