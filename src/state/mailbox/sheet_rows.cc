#include "state/mailbox/sheet_rows.h"

#include <zstd.h>

#include <limits>
#include <utility>
#include <vector>

#include "base/types/bytes.h"
#include "wire/mime/summary.h"

namespace veredus::state::mailbox {
namespace {

constexpr char kVersion = 1;
constexpr int kLevel = 1;  // higher ones are several times dearer and a tenth smaller

/// What must be so before for_each_sheet_field may walk through it.
bool is_packed_fields(std::string_view value) {
  if (value.empty()) return true;
  if (value.front() != '\1') return false;
  for (value.remove_prefix(1); !value.empty();) {
    if (value.size() < 4) return false;
    const auto octet = [value](std::size_t at) { return std::size_t{static_cast<std::uint8_t>(value[at])}; };
    const std::size_t octets = octet(1) | octet(2) << 8 | octet(3) << 16;
    if (octet(0) >= wire::mime::kSummaryFields.size() || octets > value.size() - 4) return false;
    value.remove_prefix(4 + octets);
  }
  return true;
}

std::optional<std::string> unpacked(std::string_view packed, std::size_t octets) {
  std::string out;
  std::size_t made = 0;
  out.resize_and_overwrite(octets, [&](char* begin, std::size_t room) {
    made = ZSTD_decompress(begin, room, packed.data(), packed.size());
    return ZSTD_isError(made) != 0 ? 0 : made;
  });
  if (ZSTD_isError(made) != 0 || made != octets) return std::nullopt;
  return out;
}

/// The messages a sheet lists, before their values.
std::optional<std::vector<SheetMaker::Listed>> take_list(ByteReader& in) {
  const auto count = in.take_varint();
  if (!count || *count > EmailSheet::kUids) return std::nullopt;
  std::vector<SheetMaker::Listed> list;
  list.reserve(*count);
  std::uint64_t next = 0;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto gap = in.take_varint();
    const auto email = in.take_be<std::uint64_t>();
    const auto octets = in.take_varint();
    if (!gap || !email || !octets || *gap >= EmailSheet::kUids - next || *octets > kSheetOctets || *email == 0)
      return std::nullopt;
    next += *gap;
    const Uid uid(static_cast<std::uint32_t>(next++));
    list.push_back({{uid, EmailId(*email)}, static_cast<std::uint32_t>(*octets)});
    if (next == EmailSheet::kUids && i + 1 < *count) return std::nullopt;
  }
  return list;
}

}  // namespace

std::string encode_sheet(std::uint32_t number, const EmailSheet& sheet, const UidSet& only) {
  std::string list;
  std::string values;
  std::uint64_t count = 0;
  std::uint64_t next = 0;
  sheet.for_each(number, [&](SheetMessage message, std::string_view value) {
    if (!only.contains(message.uid)) return;
    const std::uint64_t place = message.uid.value % EmailSheet::kUids;
    put_varint(list, place - next);
    put_be(list, message.email.value);
    put_varint(list, value.size());
    values.append(value);
    next = place + 1;
    ++count;
  });
  std::string plain;
  put_varint(plain, count);
  plain.append(list).append(values);
  std::string row(1, kVersion);
  if (plain.size() > kSheetOctets) return {};
  put_varint(row, plain.size());
  const auto begin = row.size();
  std::size_t made = 0;
  row.resize_and_overwrite(begin + ZSTD_compressBound(plain.size()), [&](char* to, std::size_t room) {
    made = ZSTD_compress(to + begin, room - begin, plain.data(), plain.size(), kLevel);
    return ZSTD_isError(made) != 0 ? 0 : begin + made;
  });
  if (ZSTD_isError(made) != 0 || row.size() > kSheetRowOctets) return {};
  return row;
}

std::optional<EmailSheet> decode_sheet(SheetColumn column, std::string_view octets) {
  if (octets.empty() || octets.front() != kVersion) return std::nullopt;
  ByteReader row(octets.substr(1));
  const auto size = row.take_varint();
  if (!size || *size > kSheetOctets) return std::nullopt;
  auto plain = unpacked(row.rest(), *size);
  if (!plain) return std::nullopt;
  ByteReader in(*plain);
  const auto list = take_list(in);
  if (!list) return std::nullopt;
  auto values = in.rest();
  const auto begin = plain->size() - values.size();
  for (const auto& one : *list) {
    if (one.octets > values.size()) return std::nullopt;
    const auto value = values.substr(0, one.octets);
    if (column == SheetColumn::kFields && !is_packed_fields(value)) return std::nullopt;
    values.remove_prefix(one.octets);
  }
  if (!values.empty()) return std::nullopt;
  SheetMaker maker(column, list->size());
  maker.adopt(*std::move(plain), begin, *list);
  return maker.take();
}

}  // namespace veredus::state::mailbox
