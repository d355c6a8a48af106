#include "state/search/body_scan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/codec/ascii.h"
#include "state/search/fold.h"
#include "state/search/summary_fields.h"

namespace veredus::state::search {

/// Those whose answer still matters.
std::vector<BodyScan::Looking> BodyScan::open_leaves(const Program& program, const std::vector<Verdict>& known) {
  std::vector<Looking> open;
  static_cast<void>(program.decide([&](const Leaf& leaf, std::uint32_t index) {
    if (known[index] == Verdict::kUnknown) open.push_back({index, Finder(leaf.needle)});
    return known[index];
  }));
  return open;
}

MessageText::Parts BodyScan::parts_for(const Program& program, const std::vector<Looking>& looking) {
  const auto all = [&](auto is) {
    return std::ranges::all_of(looking, [&](const Looking& one) { return is(program.leaves()[one.leaf]); });
  };
  if (all([](const Leaf& leaf) { return std::holds_alternative<HeaderHas>(leaf.is); }))
    return MessageText::Parts::kFirstHeader;
  if (all([](const Leaf& leaf) { return std::holds_alternative<BodyHas>(leaf.is); }))
    return MessageText::Parts::kBodies;
  return MessageText::Parts::kAll;
}

BodyScan::BodyScan(const Scene& scene, const Program& program, std::vector<Verdict> known,
                   const std::vector<wire::mime::PartEntry>& parts)
    : scene_(scene),
      program_(program),
      known_(std::move(known)),
      looking_(open_leaves(program, known_)),
      open_(looking_.size()),
      text_(parts, parts_for(program, looking_), *this) {}

void BodyScan::found(Looking& looking) {
  if (known_[looking.leaf] == Verdict::kYes) return;
  known_[looking.leaf] = Verdict::kYes;
  --open_;
}

void BodyScan::field(Owner owner, std::string_view name, std::string_view value_utf8) {
  std::string folded;
  FieldTexts texts;
  for (auto& looking : looking_) {
    const Leaf& leaf = program_.leaves()[looking.leaf];
    if (scene_.stopped()) return;
    if (known_[looking.leaf] == Verdict::kYes) continue;
    if (const auto* header = std::get_if<HeaderHas>(&leaf.is)) {
      if (owner == Owner::kMessage && base::codec::iequals_ascii(name, header->name) &&
          texts.have(leaf.needle, value_utf8))
        found(looking);
    } else if (std::holds_alternative<TextHas>(leaf.is)) {
      if (folded.empty()) folded = fold(std::string(name).append(": ").append(value_utf8));
      if (leaf.needle.in_folded(folded)) found(looking);
    }
  }
}

bool BodyScan::asks_text(const Looking& looking) const {
  return known_[looking.leaf] != Verdict::kYes &&
         !std::holds_alternative<HeaderHas>(program_.leaves()[looking.leaf].is);
}

void BodyScan::text(std::string_view text_utf8) {
  PieceReader pieces(text_utf8);
  while (open_ > 0) {
    const auto piece = pieces.next();
    if (!piece) return;
    for (auto& looking : looking_) {
      if (scene_.stopped()) return;
      if (!asks_text(looking)) continue;
      looking.finder.feed(*piece);
      if (looking.finder.found()) found(looking);
    }
  }
}

void BodyScan::end_text() {
  for (auto& looking : looking_) looking.finder.end();
}

Verdict BodyScan::finish() const {
  return program_.decide([this](const Leaf&, std::uint32_t index) {
    return verdict(known_[index] == Verdict::kYes);  // all of it was read, so what was not found is not there
  });
}

}  // namespace veredus::state::search
