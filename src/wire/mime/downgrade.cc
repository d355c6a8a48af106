#include "wire/mime/downgrade.h"

#include <algorithm>
#include <cstring>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxLineOctets = 998;  // RFC 5322 s2.1.1

bool is_high(char c) { return static_cast<unsigned char>(c) > 127; }

bool has_unfit_lines(std::string_view octets) {
  while (!octets.empty()) {
    const auto newline = octets.find('\n');
    auto line = octets.substr(0, newline);
    octets.remove_prefix(newline == std::string_view::npos ? octets.size() : newline + 1);
    // The line end after a part belongs to its delimiter: its last line has none.
    if (newline != std::string_view::npos) {
      if (!line.ends_with('\r')) return true;
      line.remove_suffix(1);
    }
    if (line.size() > kMaxLineOctets || std::memchr(line.data(), '\r', line.size()) != nullptr) return true;
  }
  return false;
}

bool must_change(std::string_view octets, Reach reach) {
  const auto content = content_of(octets);
  return content == Content::kBinary || (content == Content::kEightBit && reach == Reach::kSevenBit);
}

/// Text that stays readable in quoted-printable, and does not become longer than in base64.
bool suits_quoted_printable(const Part& part, std::string_view octets) {
  if (part.content_type.type != "text" || octets.contains('\0')) return false;
  for (auto at = octets.find_first_of("\r\n"); at != std::string_view::npos; at = octets.find_first_of("\r\n", at)) {
    if (octets.substr(at, 2) != "\r\n") return false;
    at += 2;
  }
  return static_cast<std::size_t>(std::ranges::count_if(octets, is_high)) <= octets.size() / 3;
}

/// The octets of the blank line that ends a header. A message may be without: its body begins where no field does.
std::size_t blank_line(std::string_view header) {
  if (header == "\r\n" || header.ends_with("\n\r\n")) return 2;
  return header == "\n" || header.ends_with("\n\n") ? 1 : 0;
}

/// Writes the converted message, part by part in the order they stand.
class Conversion {
 public:
  Conversion(std::string_view message, Reach reach) : message_(message), reach_(reach), structure_(parse(message)) {}

  std::expected<std::string, DowngradeError> run() {
    out_.reserve(message_.size() + message_.size() / 2);
    for (const auto& part : structure_.parts) VEREDUS_TRY(convert(part));
    copy_between(message_.size());
    return std::move(out_);
  }

 private:
  std::expected<void, DowngradeError> convert(const Part& part) {
    if (part.kind != PartKind::kLeaf) {
      // Delimiters are not encoded: with other octets than ASCII, against RFC 2046 s5.1.1, they would be lost.
      if (reach_ == Reach::kSevenBit && !base::codec::is_ascii(parameter(part.content_type.parameters, "boundary")))
        return std::unexpected(DowngradeError::kStructure);
      header(part, relabelled(part, Content::kEightBit), {});
      return {};
    }
    const auto body = body_of(part, message_);
    if (!must_change(body, reach_)) {
      header(part, relabelled(part, content_of(body)), {});
      copy(part.body_begin, part.body_end);
      return {};
    }
    if (part.opaque || part.implied) return std::unexpected(DowngradeError::kStructure);
    const bool known = part.transfer_encoding != TransferEncoding::kIdentity || part.encoding == "7bit" ||
                       part.encoding == "8bit" || part.encoding == "binary";
    if (!known || part.content_type.type == "message" || part.content_type.type == "multipart")
      return std::unexpected(DowngradeError::kEncoding);
    encode(part, decode_transfer(body, part.transfer_encoding));
    return {};
  }

  void encode(const Part& part, const std::string& octets) {
    const bool text = suits_quoted_printable(part, octets);
    header(part, text ? "quoted-printable" : "base64", octets);
    std::string encoded = text ? base::codec::qp_encode(octets) : base::codec::base64_encode_lines(octets);
    // Before a delimiter the line end is the delimiter's.
    if (!text && part.parent != kNoPart && encoded.ends_with("\r\n")) encoded.resize(encoded.size() - 2);
    out_ += encoded;
    at_ = part.body_end;
  }

  /// The encoding to declare where none is put on; empty: as it is declared already.
  [[nodiscard]] std::string_view relabelled(const Part& part, Content content) const {
    const bool too_much = part.encoding == "binary" || (part.encoding == "8bit" && reach_ == Reach::kSevenBit);
    if (!too_much) return {};
    return reach_ == Reach::kSevenBit || content == Content::kSevenBit ? "7bit" : "8bit";
  }

  /// Writes the part's header with another encoding declared; empty: as it is. `octets`: of a body that is encoded.
  void header(const Part& part, std::string_view encoding, std::string_view octets) {
    if (part.implied) return;
    copy_between(part.header_begin);
    const auto block = header_of(part, message_).substr(0, part.body_begin - part.header_begin);
    const auto whole = message_.substr(part.header_begin, part.body_begin - part.header_begin);
    at_ = part.body_begin;
    if (encoding.empty()) {
      out_ += whole;
      return;
    }
    std::size_t written = 0;
    for (FieldReader fields(block); const auto field = fields.next();) {
      if (!base::codec::iequals_ascii(field->name, "Content-Transfer-Encoding")) continue;
      out_ += whole.substr(written, field->offset - written);
      written = field->offset + field->whole.size();
    }
    const auto blank = blank_line(whole);
    out_ += whole.substr(written, whole.size() - blank - written);
    const bool outermost = part.parent == kNoPart || structure_.parts[part.parent].kind == PartKind::kMessage;
    if (outermost && !find_field(block, "MIME-Version")) out_ += "MIME-Version: 1.0\r\n";
    if (!octets.empty() && !part.type_declared) {
      // RFC 1428 s3: text that was never labelled
      out_ += "Content-Type: text/plain; charset=";
      out_ += base::codec::is_valid_utf8(octets) ? "utf-8\r\n" : "unknown-8bit\r\n";
    }
    out_.append("Content-Transfer-Encoding: ").append(encoding).append("\r\n\r\n");
  }

  void copy(std::uint64_t begin, std::uint64_t end) {
    out_ += message_.substr(begin, end - begin);
    at_ = end;
  }

  /// Delimiters, and what stands before the first and after the last and is read by nobody.
  void copy_between(std::uint64_t end) {
    if (end <= at_) return;
    const auto begin = out_.size();
    out_ += message_.substr(at_, end - at_);
    at_ = end;
    if (reach_ == Reach::kSevenBit)
      std::replace_if(out_.begin() + static_cast<std::ptrdiff_t>(begin), out_.end(), is_high, '?');
  }

  std::string_view message_;
  Reach reach_;
  Structure structure_;
  std::string out_;
  std::uint64_t at_ = 0;  // up to here all is in out_
};

}  // namespace

std::string_view to_string(DowngradeError error) {
  switch (error) {
    case DowngradeError::kStructure:
      return "the parts to convert cannot be told apart";
    case DowngradeError::kEncoding:
      return "a part cannot have another encoding";
  }
  return "unknown";
}

Content content_of(std::string_view octets) {
  if (octets.contains('\0') || has_unfit_lines(octets)) return Content::kBinary;
  return base::codec::is_ascii(octets) ? Content::kSevenBit : Content::kEightBit;
}

std::expected<std::string, DowngradeError> downgrade(std::string_view message, Reach reach) {
  if (!must_change(message, reach) && reach == Reach::kSevenBit) return std::string(message);
  return Conversion(message, reach).run();
}

}  // namespace veredus::wire::mime
