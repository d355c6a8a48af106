#include "wire/mime/part_table.h"

#include <algorithm>

#include "base/types/bytes.h"

namespace veredus::wire::mime {
namespace {

constexpr std::uint8_t kVersion = 1;  // on disk
constexpr std::uint8_t kUnknownEncodingBit = 0x40;

bool is_unknown_encoding(std::string_view name) {
  return name != "7bit" && name != "8bit" && name != "binary" && name != "base64" && name != "quoted-printable";
}

std::optional<PartEntry> take_entry(ByteReader& reader) {
  PartEntry entry;
  const auto flags = reader.take_be<std::uint8_t>();
  const auto parent = reader.take_varint();
  const auto header_begin = reader.take_varint();
  const auto header_octets = reader.take_varint();
  const auto body_octets = reader.take_varint();
  const auto lines = reader.take_varint();
  const auto number = reader.take_string();
  const auto type = reader.take_string();
  const auto charset = reader.take_string();
  if (!flags || !parent || !header_begin || !header_octets || !body_octets || !lines || !number || !type || !charset)
    return std::nullopt;
  if ((*flags & 3) > 2 || ((*flags >> 2) & 3) > 2) return std::nullopt;
  entry.kind = static_cast<PartKind>(*flags & 3);
  entry.encoding = static_cast<TransferEncoding>((*flags >> 2) & 3);
  entry.unknown_encoding = (*flags & kUnknownEncodingBit) != 0;
  entry.parent = *parent == 0 ? kNoPart : static_cast<std::uint32_t>(*parent - 1);
  entry.header_begin = *header_begin;
  entry.body_begin = *header_begin + *header_octets;
  entry.body_end = entry.body_begin + *body_octets;
  entry.body_lines = *lines;
  entry.number = *number;
  entry.type = *type;
  entry.charset = *charset;
  return entry;
}

}  // namespace

std::string encode_part_table(const Structure& structure) {
  const auto numbers = part_numbers(structure);
  std::string out;
  out.reserve(8 + structure.parts.size() * 40);
  put_be(out, kVersion);
  put_varint(out, structure.parts.size());
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    auto flags = static_cast<unsigned>(part.kind) | static_cast<unsigned>(part.transfer_encoding) << 2;
    if (is_unknown_encoding(part.encoding)) flags |= kUnknownEncodingBit;
    put_be(out, static_cast<std::uint8_t>(flags));
    put_varint(out, part.parent == kNoPart ? 0 : part.parent + 1ULL);
    put_varint(out, part.header_begin);
    put_varint(out, part.body_begin - part.header_begin);
    put_varint(out, part.body_octets());
    put_varint(out, part.body_lines);
    put_string(out, numbers[i]);
    put_string(out, part.content_type.type + '/' + part.content_type.subtype);
    put_string(out, part.type_declared ? parameter(part.content_type.parameters, "charset") : std::string_view());
  }
  return out;
}

std::optional<std::vector<PartEntry>> decode_part_table(std::string_view table) {
  ByteReader reader(table);
  if (reader.take_be<std::uint8_t>() != kVersion) return std::nullopt;
  const auto count = reader.take_varint();
  if (!count || *count == 0 || *count > table.size()) return std::nullopt;
  std::vector<PartEntry> entries;
  entries.reserve(*count);
  for (std::uint64_t i = 0; i < *count; ++i) {
    auto entry = take_entry(reader);
    if (!entry || (i == 0) != (entry->parent == kNoPart) || (i > 0 && entry->parent >= i)) return std::nullopt;
    entries.push_back(*std::move(entry));
  }
  if (!reader.empty()) return std::nullopt;
  return entries;
}

}  // namespace veredus::wire::mime
