#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace veredus::rules::dkim {

/// `name=value; name=value;` as DKIM, ARC, DMARC and others write it. Views into the text. Source: RFC 6376 s3.2.
class TagList {
 public:
  struct Tag {
    std::string_view name;
    std::string_view value;  // without white space at either end; folds may be inside
  };

  enum class Error : std::uint8_t {
    kSyntax,    // no '=', or a name that is none
    kRepeated,  // one name twice
    kTooMany,   // more than 64 tags
  };

  static std::expected<TagList, Error> parse(std::string_view text);

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;  // names distinguish case
  [[nodiscard]] const std::vector<Tag>& tags() const { return tags_; }

 private:
  std::vector<Tag> tags_;
};

/// Without spaces, tabs and line ends.
[[nodiscard]] std::string without_white_space(std::string_view text);

/// The pieces between `separator`, each without white space around it.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text, char separator);

}  // namespace veredus::rules::dkim
