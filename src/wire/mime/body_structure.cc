#include <algorithm>
#include <cstdint>

#include "wire/mime/imap_string.h"
#include "wire/mime/summary.h"

namespace veredus::wire::mime {
namespace {

void append_space_nstring(std::string& out, std::string_view value) {
  out.push_back(' ');
  append_imap_nstring(out, value.empty() ? std::nullopt : std::optional(value));
}

void append_space_number(std::string& out, std::uint64_t value) {
  out.push_back(' ');
  out.append(std::to_string(std::min<std::uint64_t>(value, 0xFFFFFFFF)));  // RFC 9051 s9: number is 32 bits
}

/// body-fld-param = "(" string SP string *(SP string SP string) ")" / nil
void append_parameters(std::string& out, const Parameters& parameters, bool add_charset) {
  if (parameters.empty() && !add_charset) {
    out.append("NIL");
    return;
  }
  out.push_back('(');
  bool first = true;
  if (add_charset) {
    out.append("\"charset\" \"us-ascii\"");  // RFC 2045 s5.2
    first = false;
  }
  for (const auto& [name, value] : parameters) {
    if (!first) out.push_back(' ');
    first = false;
    append_imap_string(out, name);
    out.push_back(' ');
    append_imap_string(out, value);
  }
  out.push_back(')');
}

/// body-fld-dsp = "(" string SP body-fld-param ")" / nil
void append_disposition(std::string& out, const Disposition& disposition) {
  out.push_back(' ');
  if (disposition.kind.empty() && disposition.parameters.empty()) {
    out.append("NIL");
    return;
  }
  out.push_back('(');
  // RFC 2183 s2.8: what is not recognized is an attachment.
  append_imap_string(out, disposition.kind.empty() ? "attachment" : std::string_view(disposition.kind));
  out.push_back(' ');
  append_parameters(out, disposition.parameters, false);
  out.push_back(')');
}

/// body-fld-lang = nstring / "(" string *(SP string) ")"
void append_languages(std::string& out, const std::vector<std::string>& languages) {
  if (languages.size() <= 1) {
    append_space_nstring(out, languages.empty() ? std::string_view() : std::string_view(languages.front()));
    return;
  }
  out.append(" (");
  for (std::size_t i = 0; i < languages.size(); ++i) {
    if (i > 0) out.push_back(' ');
    append_imap_string(out, languages[i]);
  }
  out.push_back(')');
}

class BodyWriter {
 public:
  BodyWriter(const Structure& structure, BodyForm form) : structure_(structure), form_(form) {}

  void write(std::string& out, const Part& part) const {  // depth is bounded by Limits::depth
    out.push_back('(');
    if (part.kind == PartKind::kMultipart) {
      write_multipart(out, part);
    } else {
      write_single(out, part);
    }
    out.push_back(')');
  }

 private:
  [[nodiscard]] bool extended() const { return form_ == BodyForm::kBodyStructure; }

  /// body-type-mpart = 1*body SP media-subtype [SP body-ext-mpart]
  void write_multipart(std::string& out, const Part& part) const {
    for (auto child = part.first_child; child != kNoPart; child = structure_.parts[child].next_sibling)
      write(out, structure_.parts[child]);
    out.push_back(' ');
    append_imap_string(out, part.content_type.subtype);
    if (!extended()) return;
    out.push_back(' ');
    append_parameters(out, part.content_type.parameters, false);
    write_tail(out, part);
  }

  /// body-type-1part = (body-type-basic / body-type-msg / body-type-text) [SP body-ext-1part]
  void write_single(std::string& out, const Part& part) const {
    const bool is_text = !part.opaque && part.content_type.type == "text";
    if (part.opaque) {  // its declared type would promise a structure that is not given
      out.append("\"application\" \"octet-stream\"");
    } else {
      append_imap_string(out, part.content_type.type);
      out.push_back(' ');
      append_imap_string(out, part.content_type.subtype);
    }
    out.push_back(' ');
    append_parameters(out, part.content_type.parameters,
                      is_text && parameter_utf8(part.content_type.parameters, "charset").empty());
    append_space_nstring(out, part.id);
    append_space_nstring(out, part.description);
    out.push_back(' ');
    append_imap_string(out, part.encoding);
    append_space_number(out, part.body_octets());
    if (part.kind == PartKind::kMessage) {
      const Part& inside = structure_.parts[part.first_child];
      out.push_back(' ');
      out.append(envelope(inside.header));
      out.push_back(' ');
      write(out, inside);
    }
    if (is_text || part.kind == PartKind::kMessage) append_space_number(out, part.body_lines);
    if (!extended()) return;
    append_space_nstring(out, part.md5);
    write_tail(out, part);
  }

  void write_tail(std::string& out, const Part& part) const {
    append_disposition(out, part.disposition);
    append_languages(out, part.languages);
    append_space_nstring(out, part.location);
  }

  const Structure& structure_;
  BodyForm form_;
};

}  // namespace

std::string body_structure(const Structure& structure, BodyForm form) {
  std::string out;
  out.reserve(structure.parts.size() * 160);
  BodyWriter(structure, form).write(out, structure.root());
  return out;
}

}  // namespace veredus::wire::mime
