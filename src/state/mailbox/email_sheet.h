#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

struct EmailView;

/// One of the things that programs ask of every message when they list a mailbox. On disk, do not renumber.
enum class SheetColumn : std::uint8_t {
  kEnvelope,       // EmailView::envelope
  kBodyStructure,  // EmailView::bodystructure
  kFields,         // the stored header fields: for_each_sheet_field
};
inline constexpr std::array kSheetColumns{SheetColumn::kEnvelope, SheetColumn::kBodyStructure, SheetColumn::kFields};

struct SheetMessage {
  Uid uid;
  EmailId email;
};

/// One column of emails that stand together in a mailbox, packed: a FETCH of them copies octets from one place. What it
/// says is of emails, which never change, so it is never wrong; messages may be missing. Immutable and shared.
class EmailSheet {
 public:
  static constexpr std::uint32_t kUids = 1024;  // of one sheet
  [[nodiscard]] static constexpr std::uint32_t number_of(Uid uid) { return uid.value / kUids; }

  /// nullopt: it is not in here. Empty: the email itself has it, too long or not whole for a sheet.
  [[nodiscard]] std::optional<std::string_view> find(Uid uid, EmailId email) const {
    std::size_t place = uid.value % kUids;
    if (place < first_) return std::nullopt;
    place -= first_;
    if (place >= entries_.size() || entries_[place].email != email || email == EmailId()) return std::nullopt;
    return std::string_view(octets_).substr(entries_[place].begin, entries_[place].octets);
  }
  /// `each(message, value)` for all in it, ascending; it is sheet `number`.
  template <class Each>
  void for_each(std::uint32_t number, const Each& each) const {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto& entry = entries_[i];
      const Uid uid(number * kUids + static_cast<std::uint32_t>(first_ + i));
      if (entry.email != EmailId())
        each(SheetMessage{uid, entry.email}, std::string_view(octets_).substr(entry.begin, entry.octets));
    }
  }
  /// Messages in it.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Memory, about.
  [[nodiscard]] std::size_t octets() const {
    return sizeof *this + octets_.capacity() + entries_.capacity() * sizeof(Entry);
  }

 private:
  friend class SheetMaker;
  struct Entry {
    EmailId email;  // 0: not in here
    std::uint32_t begin = 0;
    std::uint32_t octets = 0;
  };

  std::size_t first_ = 0;       // place of the first entry in the stretch of UIDs
  std::vector<Entry> entries_;  // by place
  std::string octets_;
  std::size_t size_ = 0;
};

/// Makes a sheet of one column.
class SheetMaker {
 public:
  /// Who reads a list holds a sheet while it is told, however slowly: from so many octets on, longer values stay out.
  static constexpr std::size_t kFullOctets = std::size_t{2048} * 1024;
  static constexpr std::size_t kShortOctets = 1024;

  /// `expected`: how many messages there will be, about.
  SheetMaker(SheetColumn column, std::size_t expected) : column_(column), expected_(expected) {}
  /// Begins with all that is in `known`, with room for what will be added.
  SheetMaker(SheetColumn column, const EmailSheet& known, std::size_t room);

  void put(SheetMessage message, const EmailView& email);
  /// The value as it stands in another sheet of this column.
  void put(SheetMessage message, std::string_view value);
  /// Values that stand in one string already, one after the other, from `begin` on: takes it as it is. For a maker into
  /// which nothing was put.
  struct Listed {
    SheetMessage message;
    std::uint32_t octets;
  };
  void adopt(std::string values, std::size_t begin, const std::vector<Listed>& list);
  [[nodiscard]] EmailSheet take();

 private:
  void added(SheetMessage message, std::size_t begin);
  void place(SheetMessage message, std::size_t begin, std::size_t octets);

  SheetColumn column_;
  std::size_t expected_ = 0;  // 0: there is room already
  EmailSheet sheet_;
};

/// Walks through a value of kFields. False: not all of the message's fields are stored, read its header instead.
/// `each(index, line)`: the field's index in wire::mime::kSummaryFields, and all of it, with its CRLF.
template <class Each>
bool for_each_sheet_field(std::string_view value, const Each& each) {
  if (value.empty()) return false;
  // As SheetMaker made it (or decode_sheet has looked through it): index 1, octets 3 (least significant first), line.
  for (value.remove_prefix(1); !value.empty();) {
    const auto octet = [value](std::size_t at) { return std::size_t{static_cast<std::uint8_t>(value[at])}; };
    const std::size_t octets = octet(1) | octet(2) << 8 | octet(3) << 16;
    each(octet(0), value.substr(4, octets));
    value.remove_prefix(4 + octets);
  }
  return true;
}

}  // namespace veredus::state::mailbox
