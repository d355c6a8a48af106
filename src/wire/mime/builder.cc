#include "wire/mime/builder.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/date.h"
#include "base/codec/hex.h"
#include "base/codec/quoted_printable.h"
#include "base/codec/utf8.h"
#include "base/crypto/digest.h"
#include "wire/mime/encoded_word.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxLine = 78;       // RFC 5322 s2.1.1, better
constexpr std::size_t kMaxTextLine = 998;  // RFC 5322 s2.1.1, must
constexpr std::size_t kMaxParameter = 60;  // of one parameter's value in one piece
constexpr std::string_view kCrLf = "\r\n";

std::string one_line(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c == '\r' || c == '\n' || c == '\0') c = ' ';
  return out;
}

/// Every line end as CRLF: bare CR and LF too.
std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' || text[i] == '\n') {
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      out += kCrLf;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// Whether text may go as it is: 7bit of RFC 2045 s2.7, with lines that nobody needs to wrap.
bool is_7bit(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 126 || (octet < 32 && c != '\t' && c != '\r' && c != '\n')) return false;
    line = c == '\n' ? 0 : line + 1;
    if (line > kMaxTextLine) return false;
  }
  return true;
}

/// Whether quoted-printable is shorter, and readable, against base64.
bool prefers_quoted_printable(std::string_view text) {
  const auto quoted =
      std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) > 126 || c == '='; });
  return static_cast<std::size_t>(quoted) * 6 <= text.size();
}

bool is_token(std::string_view text) {  // RFC 2045 s5.1
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > 32 && c < 127 && !std::string_view("()<>@,;:\\\"/[]?=").contains(c);
  });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

/// RFC 2231 s7: attribute-char
bool is_attribute_char(char c) {
  return base::codec::is_alpha(c) || base::codec::is_digit(c) || std::string_view("!#$&+-.^_`{|}~").contains(c);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_attribute_char(c)) {
      out.push_back(c);
    } else {
      out += '%';
      out += base::codec::to_upper_ascii(base::codec::hex_encode(std::string_view(&c, 1)));
    }
  }
  return out;
}

/// Collects `; name=value` pairs, each on a line of its own when it does not fit.
class ParameterWriter {
 public:
  ParameterWriter(std::string& out, std::size_t column) : out_(out), column_(column) {}

  void add(std::string_view name, std::string_view value_utf8) {
    const std::string value = one_line(base::codec::replace_invalid_utf8(value_utf8));
    const bool ascii = std::ranges::all_of(value, [](char c) { return c >= 32 && c < 127; });
    if (ascii && value.size() <= kMaxParameter) {
      append(std::string(name) + '=' + (is_token(value) ? value : quoted(value)));
    } else {
      add_extended(name, value);
    }
  }

 private:
  /// RFC 2231 s4, and s3 where one line cannot hold it.
  void add_extended(std::string_view name, std::string_view value) {
    std::vector<std::string> pieces(1, "UTF-8''");
    while (!value.empty()) {
      const auto octets = std::max<std::size_t>(base::codec::first_utf8_character(value).octets, 1);
      const std::string encoded = percent_encode(value.substr(0, octets));
      if (pieces.back().size() + encoded.size() > kMaxParameter) pieces.emplace_back();
      pieces.back() += encoded;
      value.remove_prefix(octets);
    }
    if (pieces.size() == 1) {
      append(std::string(name) + "*=" + pieces.front());
      return;
    }
    for (std::size_t i = 0; i < pieces.size(); ++i)
      append(std::string(name) + '*' + std::to_string(i) + "*=" + pieces[i]);
  }

  void append(const std::string& pair) {
    out_ += ';';
    if (column_ + 2 + pair.size() > kMaxLine) {
      out_ += "\r\n ";
      column_ = 1;
    } else {
      out_ += ' ';
      column_ += 2;
    }
    out_ += pair;
    column_ += pair.size();
  }

  std::string& out_;
  std::size_t column_;
};

void append_with_parameters(std::string& out, std::string_view name, std::string_view value,
                            const std::vector<std::pair<std::string, std::string>>& parameters) {
  const std::size_t begin = out.size();
  out.append(name).append(": ").append(one_line(value));
  ParameterWriter writer(out, out.size() - begin);
  for (const auto& [attribute, parameter] : parameters) writer.add(attribute, parameter);
  out += kCrLf;
}

/// Writes parts, and boundaries that no part can hold by accident.
class BodyBuilder {
 public:
  explicit BodyBuilder(std::string_view seed) : seed_(seed) {}

  void write(std::string& out, const BuiltPart& part) {
    if (part.children.empty()) {
      write_leaf(out, part);
    } else {
      write_multipart(out, part);
    }
  }

 private:
  std::string next_boundary() {
    // "=_" stands in no quoted-printable or base64 text. RFC 2045 s6.7
    return "=_" +
           base::codec::hex_encode(base::crypto::sha256(seed_ + '|' + std::to_string(++boundaries_))).substr(0, 28);
  }

  static void write_common_fields(std::string& out, const BuiltPart& part) {
    if (!part.disposition.empty() || !part.filename.empty()) {
      std::vector<std::pair<std::string, std::string>> parameters;
      if (!part.filename.empty()) parameters.emplace_back("filename", part.filename);
      append_with_parameters(out, "Content-Disposition", part.disposition.empty() ? "attachment" : part.disposition,
                             parameters);
    }
    if (!part.id.empty()) out.append("Content-ID: <").append(one_line(part.id)).append(">\r\n");
    if (!part.description.empty()) {
      constexpr std::string_view kName = "Content-Description: ";
      out.append(kName).append(encode_unstructured(part.description, kName.size())).append(kCrLf);
    }
  }

  /// Whether a part goes out with octets above 127: only messages do, which may not be encoded.
  static bool is_8bit(const BuiltPart& part) {
    if (!part.children.empty()) return std::ranges::any_of(part.children, is_8bit);
    return base::codec::istarts_with_ascii(part.type, "message/") && !is_7bit(part.content);
  }

  void write_multipart(std::string& out, const BuiltPart& part) {
    const std::string boundary = next_boundary();
    auto parameters = part.parameters;
    parameters.emplace_back("boundary", boundary);
    append_with_parameters(out, "Content-Type", part.type, parameters);
    if (is_8bit(part)) out += "Content-Transfer-Encoding: 8bit\r\n";  // RFC 2045 s6.4: no less than its parts
    write_common_fields(out, part);
    out += kCrLf;
    for (const BuiltPart& child : part.children) {
      out.append("--").append(boundary).append(kCrLf);
      write(out, child);
      out += kCrLf;
    }
    out.append("--").append(boundary).append("--\r\n");
  }

  static void write_leaf(std::string& out, const BuiltPart& part) {
    const std::string type = part.type.empty() ? "text/plain" : part.type;
    const bool is_text = base::codec::istarts_with_ascii(type, "text/");
    const bool is_message = base::codec::istarts_with_ascii(type, "message/");
    auto parameters = part.parameters;
    const bool has_charset =
        std::ranges::any_of(parameters, [](const auto& p) { return base::codec::iequals_ascii(p.first, "charset"); });
    if (is_text && !has_charset) parameters.emplace_back("charset", "utf-8");
    append_with_parameters(out, "Content-Type", type, parameters);
    const std::string content = is_text || is_message ? with_crlf(part.content) : part.content;
    std::string_view encoding = "base64";
    std::string encoded;
    if ((is_text || is_message) && is_7bit(content)) {
      encoding = "7bit";
      encoded = content;
    } else if (is_message) {  // RFC 2046 s5.2.1 allows no encoding
      encoding = "8bit";
      encoded = content;
    } else if (is_text && prefers_quoted_printable(content)) {
      encoding = "quoted-printable";
      encoded = base::codec::qp_encode(content);
    } else {
      encoded = base::codec::base64_encode_lines(content);
    }
    out.append("Content-Transfer-Encoding: ").append(encoding).append(kCrLf);
    write_common_fields(out, part);
    out.append(kCrLf).append(encoded);
  }

  std::string seed_;
  std::size_t boundaries_ = 0;
};

std::string encode_address(const NamedAddress& address) {
  std::string spec = one_line(address.address);
  if (address.name.empty()) return spec;
  return encode_phrase(one_line(address.name)) + " <" + spec + '>';
}

/// Joins words by `separator`, folded before the line gets too long.
void append_folded(std::string& out, std::string_view name, const std::vector<std::string>& words,
                   std::string_view separator) {
  if (words.empty()) return;
  out.append(name).append(":");
  std::size_t column = name.size() + 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string word = words[i] + (i + 1 < words.size() ? std::string(separator) : std::string());
    const auto first_line = std::min(word.find('\r'), word.size());
    if (i > 0 && column + 1 + first_line > kMaxLine) {
      out += kCrLf;
      column = 0;
    }
    out.append(" ").append(word);
    const auto last_break = word.rfind('\n');
    column = last_break == std::string::npos ? column + 1 + word.size() : word.size() - last_break - 1;
  }
  out += kCrLf;
}

}  // namespace

BuiltPart text_part(std::string text_utf8) { return {.type = "text/plain", .content = std::move(text_utf8)}; }

BuiltPart html_part(std::string html_utf8) { return {.type = "text/html", .content = std::move(html_utf8)}; }

BuiltPart attachment(std::string type, std::string filename, std::string content) {
  return {.type = std::move(type),
          .content = std::move(content),
          .disposition = "attachment",
          .filename = std::move(filename)};
}

BuiltPart multipart(std::string subtype, std::vector<BuiltPart> children) {
  return {.type = "multipart/" + std::move(subtype), .children = std::move(children)};
}

Builder& Builder::addresses(std::string_view name, const std::vector<NamedAddress>& list) {
  std::vector<std::string> words;
  std::ranges::transform(list, std::back_inserter(words), encode_address);
  append_folded(header_, name, words, ",");
  return *this;
}

Builder& Builder::date(SystemTime time, std::chrono::minutes offset) {
  return raw("Date", base::codec::format_rfc5322_date(time, offset));
}

Builder& Builder::message_id(std::string_view id) { return ids("Message-ID", {std::string(id)}); }

Builder& Builder::ids(std::string_view name, const std::vector<std::string>& list) {
  std::vector<std::string> words;
  words.reserve(list.size());
  for (const auto& id : list) words.push_back('<' + one_line(id) + '>');
  append_folded(header_, name, words, "");
  return *this;
}

Builder& Builder::text(std::string_view name, std::string_view value_utf8) {
  header_.append(name).append(": ").append(encode_unstructured(one_line(value_utf8), name.size() + 2)).append(kCrLf);
  return *this;
}

Builder& Builder::raw(std::string_view name, std::string_view value) {
  header_.append(name).append(": ").append(one_line(value)).append(kCrLf);
  return *this;
}

Builder& Builder::body(BuiltPart part) {
  body_ = std::move(part);
  return *this;
}

std::string Builder::build() const {
  std::string out = header_ + "MIME-Version: 1.0\r\n";
  BodyBuilder(seed_).write(out, body_);
  if (!out.ends_with(kCrLf)) out += kCrLf;
  return out;
}

}  // namespace veredus::wire::mime
