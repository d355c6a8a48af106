#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "state/mailbox/message.h"
#include "state/search/needle.h"
#include "state/search/query.h"

namespace veredus::state::search {

enum class Verdict : std::uint8_t { kNo, kYes, kUnknown };

[[nodiscard]] constexpr Verdict verdict(bool yes) { return yes ? Verdict::kYes : Verdict::kNo; }

/// One condition that asks nothing further, ready to be asked of many messages.
struct Leaf {
  /// What must be looked at to know. In the order of what that costs.
  enum class Source : std::uint8_t { kRow, kSummary, kBody };

  Source source = Source::kRow;
  /// Any but And, Or and Not; HasKeyword has become KeywordBit.
  struct KeywordBit {
    std::size_t index;
  };
  std::variant<All, HasFlag, KeywordBit, InUids, Size, Received, Saved, SentOn, ChangedSince, EmailIs, ThreadIs,
               HasAttachment, HeaderHas, BodyHas, TextHas>
      is;
  Needle needle;  // of the last three
};

/// A query made ready for one mailbox. A plain value; shared by threads once made.
class Program {
 public:
  /// `keywords` are the mailbox's.
  Program(const Query& query, const std::vector<std::string>& keywords);

  [[nodiscard]] const std::vector<Leaf>& leaves() const { return leaves_; }

  /// What is true of a message when `ask(leaf)` answers for each leaf it depends on. A leaf whose answer makes no
  /// difference any more is not asked; the cheap ones come first.
  template <class Ask>
  [[nodiscard]] Verdict decide(const Ask& ask) const {
    return decide(root_, ask);
  }
  /// What the message's row says.
  [[nodiscard]] Verdict decide_by_row(const mailbox::Message& message) const;
  /// No message outside of these can be meant: those that stand beside everything else in an And.
  [[nodiscard]] const mailbox::UidSet& bounds() const { return bounds_; }

 private:
  enum class Kind : std::uint8_t { kLeaf, kAnd, kOr, kNot };
  struct Node {
    Kind kind = Kind::kLeaf;
    std::uint32_t leaf = 0;
    Leaf::Source source = Leaf::Source::kRow;  // the dearest in it
    std::vector<std::uint32_t> children;
  };

  std::uint32_t add(const Query& query, const std::vector<std::string>& keywords);
  std::uint32_t add_joint(Kind kind, const std::vector<Query>& parts, const std::vector<std::string>& keywords);
  void find_bounds(const Query& query);

  template <class Ask>
  [[nodiscard]] Verdict decide(std::uint32_t index, const Ask& ask) const {
    const Node& node = nodes_[index];
    if (node.kind == Kind::kLeaf) return ask(leaves_[node.leaf], node.leaf);
    // A Not is true when an Or of the same would be false.
    const Verdict settles = node.kind == Kind::kAnd ? Verdict::kNo : Verdict::kYes;
    Verdict joint = node.kind == Kind::kAnd ? Verdict::kYes : Verdict::kNo;
    for (const auto child : node.children) {
      const Verdict one = decide(child, ask);
      if (one == Verdict::kUnknown) joint = one;
      if (one != settles) continue;
      joint = one;
      break;
    }
    if (node.kind != Kind::kNot || joint == Verdict::kUnknown) return joint;
    return verdict(joint == Verdict::kNo);
  }

  std::vector<Leaf> leaves_;
  std::vector<Node> nodes_;
  std::uint32_t root_ = 0;
  mailbox::UidSet bounds_ = mailbox::UidSet::all();
};

/// What the row says of one leaf; kUnknown unless it is of Source::kRow.
[[nodiscard]] Verdict ask_row(const Leaf& leaf, const mailbox::Message& message);

}  // namespace veredus::state::search
