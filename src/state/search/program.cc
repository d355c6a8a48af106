#include "state/search/program.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/overloaded.h"

namespace veredus::state::search {
namespace {

using mailbox::Message;

template <class T>
bool within(T value, const std::optional<T>& from, const std::optional<T>& until) {
  return (!from || value >= *from) && (!until || value < *until);
}

Leaf leaf_of(Leaf::Source source, decltype(Leaf::is) is, std::string_view text = {}) {
  return Leaf{source, std::move(is), Needle(text)};
}

Leaf keyword_leaf(const HasKeyword& wanted, const std::vector<std::string>& keywords) {
  for (std::size_t i = 0; i < keywords.size(); ++i)  // RFC 9051 s2.3.2: case does not matter
    if (base::codec::iequals_ascii(keywords[i], wanted.name)) return leaf_of(Leaf::Source::kRow, Leaf::KeywordBit{i});
  return leaf_of(Leaf::Source::kRow, InUids{});  // nobody has it
}

Leaf make_leaf(const Query& query, const std::vector<std::string>& keywords) {
  return std::visit(Overloaded{
                        [&](const HasKeyword& wanted) { return keyword_leaf(wanted, keywords); },
                        [](const HeaderHas& wanted) { return leaf_of(Leaf::Source::kSummary, wanted, wanted.text); },
                        [](const BodyHas& wanted) {
                          if (wanted.text.empty()) return leaf_of(Leaf::Source::kRow, All{});
                          return leaf_of(Leaf::Source::kBody, wanted, wanted.text);
                        },
                        [](const TextHas& wanted) {
                          if (wanted.text.empty()) return leaf_of(Leaf::Source::kRow, All{});
                          return leaf_of(Leaf::Source::kBody, wanted, wanted.text);
                        },
                        [](const SentOn& wanted) { return leaf_of(Leaf::Source::kSummary, wanted); },
                        [](const ThreadIs& wanted) { return leaf_of(Leaf::Source::kSummary, wanted); },
                        [](const HasAttachment& wanted) { return leaf_of(Leaf::Source::kSummary, wanted); },
                        [](const And&) { return leaf_of(Leaf::Source::kRow, All{}); },  // never asked for
                        [](const Or&) { return leaf_of(Leaf::Source::kRow, All{}); },
                        [](const Not&) { return leaf_of(Leaf::Source::kRow, All{}); },
                        [](const auto& wanted) { return leaf_of(Leaf::Source::kRow, wanted); },
                    },
                    query.is);
}

}  // namespace

Verdict ask_row(const Leaf& leaf, const Message& message) {
  return std::visit(
      Overloaded{
          [](const All&) { return Verdict::kYes; },
          [&](const HasFlag& wanted) { return verdict(message.flags.has(wanted.flag)); },
          [&](const Leaf::KeywordBit& wanted) { return verdict(message.keywords.has(wanted.index)); },
          [&](const InUids& wanted) { return verdict(wanted.uids.contains(message.uid)); },
          [&](const Size& wanted) {
            const auto octets = message.body.octets;
            return verdict((!wanted.over || octets > *wanted.over) && (!wanted.under || octets < *wanted.under));
          },
          [&](const Received& wanted) { return verdict(within(message.internal_date, wanted.from, wanted.until)); },
          [&](const Saved& wanted) { return verdict(within(message.saved_at, wanted.from, wanted.until)); },
          [&](const ChangedSince& wanted) { return verdict(message.modseq >= wanted.modseq); },
          [&](const EmailIs& wanted) { return verdict(message.body.email == wanted.email); },
          [](const auto&) { return Verdict::kUnknown; },
      },
      leaf.is);
}

Program::Program(const Query& query, const std::vector<std::string>& keywords) {
  root_ = add(query, keywords);
  find_bounds(query);
}

std::uint32_t Program::add(const Query& query, const std::vector<std::string>& keywords) {
  if (const auto* all = std::get_if<And>(&query.is)) return add_joint(Kind::kAnd, all->all, keywords);
  if (const auto* any = std::get_if<Or>(&query.is)) return add_joint(Kind::kOr, any->any, keywords);
  if (const auto* none = std::get_if<Not>(&query.is)) return add_joint(Kind::kNot, none->none, keywords);
  Node node;
  node.leaf = static_cast<std::uint32_t>(leaves_.size());
  leaves_.push_back(make_leaf(query, keywords));
  node.source = leaves_.back().source;
  nodes_.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t Program::add_joint(Kind kind, const std::vector<Query>& parts, const std::vector<std::string>& keywords) {
  Node node;
  node.kind = kind;
  for (const auto& part : parts) node.children.push_back(add(part, keywords));
  std::ranges::sort(node.children, [this](std::uint32_t a, std::uint32_t b) {
    return std::pair(nodes_[a].source, a) < std::pair(nodes_[b].source, b);
  });
  if (!node.children.empty()) node.source = nodes_[node.children.back()].source;
  nodes_.push_back(std::move(node));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

void Program::find_bounds(const Query& query) {
  const auto narrow = [this](const mailbox::UidSet& uids) {
    mailbox::UidSet both;
    for (const auto& range : uids.ranges())
      for (const auto& common : bounds_.within(range.first, range.last).ranges()) both.add(common);
    bounds_ = std::move(both);
  };
  if (const auto* wanted = std::get_if<InUids>(&query.is)) narrow(wanted->uids);
  if (const auto* all = std::get_if<And>(&query.is))
    for (const auto& part : all->all) find_bounds(part);
}

Verdict Program::decide_by_row(const Message& message) const {
  return decide([&message](const Leaf& leaf, std::uint32_t) { return ask_row(leaf, message); });
}

}  // namespace veredus::state::search
