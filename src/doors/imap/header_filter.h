#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/imap/fetch_item.h"
#include "wire/mime/header_block.h"

namespace veredus::doors::imap {

/// Names of header fields, in whatever case.
class FieldNames {
 public:
  explicit FieldNames(const std::vector<std::string>& names);
  [[nodiscard]] bool contains(std::string_view name) const;

 private:
  std::vector<std::string> sorted_;  // by length, then as ASCII in lower case
};

/// Those fields of a header block that are named, or all but them, and the empty line: found step by step, for blocks
/// of any size. Source: RFC 9051 s6.4.5.
class HeaderFilter {
 public:
  static constexpr std::size_t kMostOctets = std::size_t{1024} * 1024;  // of a block; fields beyond are not found

  /// The block and the names must outlive it. `text`: kHeaderFields or kHeaderFieldsNot.
  HeaderFilter(std::string_view block, const FieldNames* names, wire::imap::SectionText text);

  /// Goes through some more of it. False: it is done.
  bool step();
  /// Once it is done.
  std::string take() { return std::move(found_); }

 private:
  wire::mime::FieldReader reader_;
  const FieldNames* names_;
  bool wanted_;  // those that are named
  bool done_ = false;
  std::string found_;
};

}  // namespace veredus::doors::imap
