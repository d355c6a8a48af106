#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace veredus::wire::mime {

/// One header field, as views into the block it was read from.
struct Field {
  std::string_view name;   // without the colon and white space before it; never empty
  std::string_view value;  // all after the colon, folding included, without the last line end
  std::string_view whole;  // the field as sent, with its last line end
  std::size_t offset = 0;  // of `whole` in the block
};

/// Walks the fields of a header block. Lines that are no field (no colon, a name with spaces or control characters) are
/// passed over, with what is folded under them. Line ends are CRLF or LF. Allocates nothing. Source: RFC 5322 s2.2.
class FieldReader {
 public:
  explicit FieldReader(std::string_view block) : block_(block) {}
  std::optional<Field> next();

 private:
  std::string_view block_;
  std::size_t at_ = 0;
};

/// Where the first line stands that belongs to no field; the block's size when there is none. An mbox's line before the
/// first field is passed over.
std::size_t end_of_fields(std::string_view block);

/// The last field of that name, any case; nullopt when there is none. Of several fields where one is allowed the last
/// counts, as in RFC 8621 s4.1.3.
std::optional<Field> find_field(std::string_view block, std::string_view name);

std::vector<Field> read_fields(std::string_view block);

}  // namespace veredus::wire::mime
