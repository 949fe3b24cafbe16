#include "costagent/service/ingest_json.h"

#include <boost/json/array.hpp>
#include <utility>

namespace costagent {

boost::json::object json_of(const IngestReport& report) {
  boost::json::object object{{"charges", report.charges},   {"duplicates", report.duplicates},
                             {"rejected", report.rejected}, {"replaced", report.replaced},
                             {"billed_cost", nullptr},      {"effective_cost", nullptr}};
  if (report.totals.size() <= 1) {
    const IngestReport::Sum sum = report.totals.empty() ? IngestReport::Sum() : report.totals.begin()->second;
    object["billed_cost"] = sum.billed.to_string();
    object["effective_cost"] = sum.effective.to_string();
  }
  boost::json::array totals;
  for (const auto& [currency, sum] : report.totals) {
    totals.push_back(boost::json::object{{"currency", currency},
                                         {"billed_cost", sum.billed.to_string()},
                                         {"effective_cost", sum.effective.to_string()}});
  }
  object["totals"] = std::move(totals);
  for (const auto& [name, others] :
       {std::pair("utilisation", &report.utilisation), std::pair("commitments", &report.commitments)}) {
    object[name] = boost::json::object{
        {"taken", others->taken}, {"duplicates", others->duplicates}, {"rejected", others->rejected}};
  }
  object["notes"] = boost::json::array(report.notes.begin(), report.notes.end());
  return object;
}

}  // namespace costagent
