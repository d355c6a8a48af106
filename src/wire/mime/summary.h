#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "wire/mime/structure.h"

namespace veredus::wire::mime {

/// The fields that mail programs ask for when they list a mailbox. Kept whole, so that such a question reads no body.
inline constexpr std::array<std::string_view, 20> kSummaryFields = {
    "Date",       "From",       "Sender",       "Reply-To",     "To",
    "Cc",         "Bcc",        "Subject",      "Message-ID",   "In-Reply-To",
    "References", "Newsgroups", "Content-Type", "MIME-Version", "Priority",
    "X-Priority", "Importance", "List-Id",      "List-Post",    "Auto-Submitted"};

struct SummaryField {
  std::string name;   // as spelled in the message
  std::string value;  // all after the colon as sent, folding included, without the last line end
  friend bool operator==(const SummaryField&, const SummaryField&) = default;
};

/// All that a mailbox stores about a message besides its octets.
struct Summary {
  std::string envelope;              // what stands after "ENVELOPE " in a FETCH answer. RFC 9051 s7.5.2
  std::string bodystructure;         // so for BODYSTRUCTURE, with extension data
  std::string body;                  // so for BODY
  std::string part_table;            // part_table.h
  std::vector<SummaryField> fields;  // those of kSummaryFields that are there, in the message's order
  bool fields_complete = true;       // false: they are not all, or not to the octet; the body has them
  std::string preview;               // UTF-8, at most 256 characters, one line. RFC 8970 s4
  std::string subject_utf8;
  std::string message_id;                // without brackets; empty: none
  std::vector<std::string> in_reply_to;  // ids without brackets
  std::vector<std::string> references;   // so; oldest first. For threading: references, then in_reply_to
  std::optional<SystemTime> date;        // Date, when it can be read
  bool has_attachment = false;           // a leaf that is for saving, not for showing
  bool utf8_header = false;              // the header holds octets beyond ASCII; not stored with the rest
  bool unended = false;                  // Structure's; so too
};

Summary summarize(const Structure& structure);

/// The ENVELOPE of a message from its header block. Always valid IMAP, whatever the block. Source: RFC 9051 s7.5.2.
std::string envelope(std::string_view header);

/// BODYSTRUCTURE (extended) or BODY of the part and all in it. Always valid IMAP. Source: RFC 9051 s7.5.2.
enum class BodyForm : std::uint8_t { kBody, kBodyStructure };
std::string body_structure(const Structure& structure, BodyForm form);

}  // namespace veredus::wire::mime
