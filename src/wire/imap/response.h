#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/codec/date.h"
#include "wire/imap/flag.h"
#include "wire/imap/response_reader.h"

namespace veredus::wire::imap {

// What a client makes of responses. Each answers nullopt when the response is another or malformed.

struct ListResponse {
  std::vector<std::string> attributes;  // "\HasNoChildren"
  char separator = 0;                   // 0: none
  std::string name;                     // UTF-8 (Names as given)
  [[nodiscard]] bool has(std::string_view attribute) const;
};
/// LIST and LSUB.
[[nodiscard]] std::optional<ListResponse> read_list(const Response& response, Names names);

struct StatusResponse {
  std::string name;
  std::vector<std::pair<std::string, std::uint64_t>> numbers;  // item in capitals
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view item) const;
};
[[nodiscard]] std::optional<StatusResponse> read_status(const Response& response, Names names);

struct FetchResponse {
  std::uint32_t number = 0;
  std::uint32_t uid = 0;  // 0: not said
  std::optional<FlagList> flags;
  bool recent = false;
  std::optional<base::codec::ZonedTime> internal_date;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> modseq;
  std::vector<std::pair<std::string, ResponseValue>> others;  // name in capitals: "BODY[]"; "ENVELOPE"
  [[nodiscard]] const ResponseValue* other(std::string_view name) const;
};
/// An item that is damaged, but for the UID, counts as not said: servers give dates that no calendar has.
[[nodiscard]] std::optional<FetchResponse> read_fetch(const Response& response);

/// SEARCH and SORT, and the ALL of an ESEARCH.
[[nodiscard]] std::optional<std::vector<std::uint32_t>> read_search(const Response& response);

/// CAPABILITY, as a response or as the code of one; words in capitals.
[[nodiscard]] std::optional<std::vector<std::string>> read_capability(const Response& response);

}  // namespace veredus::wire::imap
