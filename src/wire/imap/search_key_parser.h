#pragma once

#include <cstddef>
#include <expected>
#include <string>

#include "wire/imap/cursor.h"
#include "wire/imap/reader_options.h"
#include "wire/imap/search_key.h"

namespace veredus::wire::imap {

/// Reads search keys up to the end, within the limits. Texts are made UTF-8 of `charset`.
class SearchKeyParser {
 public:
  SearchKeyParser(Cursor& at, const ReaderOptions& options, std::string charset)
      : at_(at), options_(options), charset_(std::move(charset)) {}

  ///   search-key *(SP search-key), as one kAnd
  std::expected<SearchKey, CommandError> parse_all();

 private:
  using Parsed = std::expected<SearchKey, CommandError>;

  Parsed parse_key();
  Parsed parse_known(std::string_view word);
  Parsed parse_list();
  Parsed parse_not();
  Parsed parse_or();
  Parsed parse_header();
  Parsed parse_keyword();
  Parsed parse_modseq();
  Parsed parse_uids();
  enum class UidBound : std::uint8_t { kAfter, kBefore };
  Parsed parse_uid_bound(UidBound bound);
  Parsed parse_date_key(SearchKind kind);
  Parsed parse_number_key(SearchKind kind);
  Parsed parse_object_id(SearchKind kind);
  Parsed parse_text_key(SearchKind kind);
  std::expected<std::string, CommandError> text();

  Cursor& at_;
  const ReaderOptions& options_;
  std::string charset_;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
};

}  // namespace veredus::wire::imap
