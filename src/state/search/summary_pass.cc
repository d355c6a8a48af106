#include "state/search/summary_pass.h"

#include <utility>

#include "state/search/summary_fields.h"

namespace veredus::state::search {
namespace {

Verdict ask_cheap(const Leaf& leaf, std::uint32_t number, const mailbox::Message& message, const IndexAnswer* index,
                  std::optional<std::uint32_t> document) {
  const Verdict by_row = ask_row(leaf, message);
  if (by_row != Verdict::kUnknown || !document) return by_row;
  return index->ask(number, *document);
}

}  // namespace

Verdict decide_by_index(const Program& program, const mailbox::Message& message, const IndexAnswer* index) {
  const auto document = index != nullptr ? index->document(message.body.email) : std::nullopt;
  return program.decide(
      [&](const Leaf& leaf, std::uint32_t number) { return ask_cheap(leaf, number, message, index, document); });
}

SummaryPass::SummaryPass(const Scene& scene, const Program& program, const IndexAnswer* index, SearchMemory& memory,
                         Rows messages)
    : StoredPass(scene, std::move(messages)),
      program_(program),
      index_(index),
      memory_(memory),
      verdicts_(this->messages().size(), Verdict::kNo),
      open_(this->messages().size()) {}

void SummaryPass::see(std::size_t index, const mailbox::EmailView& email) {
  const auto& message = *messages()[index];
  const auto document = index_ != nullptr ? index_->document(message.body.email) : std::nullopt;
  FieldTexts texts;
  const auto ask = [&](const Leaf& leaf, std::uint32_t number) {
    const Verdict cheap = ask_cheap(leaf, number, message, index_, document);
    return cheap != Verdict::kUnknown ? cheap : ask_summary(leaf, email, texts);
  };
  verdicts_[index] = program_.decide(ask);
  if (verdicts_[index] != Verdict::kUnknown) return;
  auto open = std::make_unique<OpenBody>();
  open->message = &message;
  open->part_table = email.part_table;
  open->known.reserve(program_.leaves().size());
  for (std::uint32_t i = 0; i < program_.leaves().size(); ++i) open->known.push_back(ask(program_.leaves()[i], i));
  open_[index] = std::move(open);
}

Pieces::Outcome SummaryPass::seen(std::size_t begin, std::size_t end) {
  std::size_t octets = 0;
  for (std::size_t i = begin; i < end; ++i)
    if (open_[i]) octets += open_[i]->part_table.capacity();
  return memory_.take(octets);
}

std::vector<OpenBody> SummaryPass::take_open() {
  std::vector<OpenBody> open;
  for (auto& one : open_)
    if (one) open.push_back(std::move(*one));
  open_.clear();
  return open;
}

}  // namespace veredus::state::search
