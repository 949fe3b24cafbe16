#include "costagent/store/advice.h"

namespace costagent {
namespace {

constexpr char kBetweenSentences = '\n';

}  // namespace

bool same_advice(const Recommendation& a, const Recommendation& b) {
  return a.id == b.id && a.customer == b.customer && a.type == b.type && a.risk == b.risk &&
         a.confidence == b.confidence && a.provider == b.provider && a.account == b.account && a.service == b.service &&
         a.region == b.region && a.resource_id == b.resource_id && a.title == b.title && a.evidence == b.evidence &&
         a.currency == b.currency && a.monthly_cost == b.monthly_cost && a.monthly_savings == b.monthly_savings;
}

std::string join_sentences(const std::vector<std::string>& sentences) {
  std::string text;
  for (const std::string& sentence : sentences) {
    if (!text.empty()) text += kBetweenSentences;
    text += sentence;
  }
  return text;
}

std::vector<std::string> split_sentences(std::string_view text) {
  std::vector<std::string> sentences;
  while (!text.empty()) {
    const auto end = text.find(kBetweenSentences);
    sentences.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return sentences;
}

}  // namespace costagent
