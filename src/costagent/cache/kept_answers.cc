#include "costagent/cache/kept_answers.h"

#include <iterator>

namespace costagent {

KeptAnswers::Customer* KeptAnswers::of_version(const AnswerKey& key) {
  const auto found = customers_.find(key.customer);
  if (found == customers_.end()) return nullptr;
  if (found->second.version == key.version) return &found->second;
  drop(key.customer);
  return nullptr;
}

Answer KeptAnswers::find(const AnswerKey& key, base::Nanoseconds now) {
  const Customer* customer = of_version(key);
  if (customer == nullptr) return nullptr;
  const auto found = customer->by_question.find(key.question);
  if (found == customer->by_question.end()) return nullptr;
  const Entries::iterator entry = found->second;
  if (entry->expires <= now) {
    ++expirations_;
    erase(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->answer;
}

void KeptAnswers::put(const AnswerKey& key, Answer answer, base::Nanoseconds now) {
  drop_expired(now);
  if (Customer* customer = of_version(key)) {
    if (const auto known = customer->by_question.find(key.question); known != customer->by_question.end())
      erase(known->second);
  }
  if (key.customer.size() + key.question.size() + answer->size() + kEntryBytes > max_bytes_ / 4) return;
  auto& owner = *customers_.try_emplace(key.customer, Customer{key.version}).first;
  // It joins the others once everything is there that it needs memory for.
  Entries made;
  made.push_front({&owner, key.question, std::move(answer), now + time_to_live_});
  owner.second.by_question.emplace(made.front().question, made.begin());
  entries_.splice(entries_.begin(), made);
  bytes_ += entries_.front().bytes();
  while (bytes_ > max_bytes_) {
    ++evictions_;
    erase(std::prev(entries_.end()));
  }
}

// Whoever is looked for goes when its time is over. What nobody looks for comes to the end of the list sooner or later,
// and is taken from there.
void KeptAnswers::drop_expired(base::Nanoseconds now) {
  while (!entries_.empty() && entries_.back().expires <= now) {
    ++expirations_;
    erase(std::prev(entries_.end()));
  }
}

void KeptAnswers::drop(const std::string& customer) {
  const auto found = customers_.find(customer);
  if (found == customers_.end()) return;
  for (const auto& [question, entry] : found->second.by_question) {
    bytes_ -= entry->bytes();
    ++invalidations_;
    entries_.erase(entry);
  }
  customers_.erase(found);
}

void KeptAnswers::clear() {
  invalidations_ += entries_.size();
  customers_.clear();
  entries_.clear();
  bytes_ = 0;
}

void KeptAnswers::erase(Entries::iterator entry) {
  bytes_ -= entry->bytes();
  auto& [name, customer] = *entry->owner;
  customer.by_question.erase(entry->question);
  if (customer.by_question.empty()) customers_.erase(customers_.find(name));
  entries_.erase(entry);
}

void KeptAnswers::tell(CacheUse& use) const {
  use.evictions = evictions_;
  use.expirations = expirations_;
  use.invalidations = invalidations_;
  use.entries = entries_.size();
  use.bytes = bytes_;
  use.max_bytes = max_bytes_;
}

}  // namespace costagent
