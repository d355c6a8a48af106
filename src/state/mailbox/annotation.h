#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

/// In place of a mailbox: the account itself (RFC 5464 server annotations).
constexpr MailboxId kWholeAccount{0};
/// In place of a reader: everybody sees it (RFC 5464 /shared).
constexpr AccountId kEverybody{0};

/// Where annotations are: those everybody sees of a mailbox, or those of one reader alone (/private).
struct AnnotationPlace {
  MailboxId mailbox;
  AccountId reader = kEverybody;
};

/// One annotation. Its name is what follows /private or /shared, in lower case: "/comment".
struct Annotation {
  std::string name;
  std::string value;  // any octets
  friend bool operator==(const Annotation&, const Annotation&) = default;
};

struct AnnotationChange {
  AnnotationPlace place;
  std::string name;
  std::optional<std::string> value;  // nullopt: it goes
};

/// An annotation that was set, changed or removed.
struct AnnotationNote {
  ModSeq modseq;
  AnnotationPlace place;
  std::string name;
  std::string author;  // who did it, as it was given; empty: not known (any more)
};

/// The annotations that changed after a MODSEQ, in the order of time.
struct AnnotationNotes {
  std::vector<AnnotationNote> notes;
  ModSeq up_to;  // ask again from here
};

/// RFC 5464 s4.2.2
enum class AnnotationDepth : std::uint8_t { kOne, kChildren, kAllBelow };

}  // namespace veredus::state::mailbox
