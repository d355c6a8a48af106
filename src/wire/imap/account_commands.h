#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace veredus::wire::imap {

// Names of mailboxes are UTF-8 everywhere.

/// RFC 4314 s3
struct SetAcl {
  enum class Mode : std::uint8_t { kReplace, kAdd, kRemove };
  std::string mailbox{};
  std::string identifier{};
  Mode mode = Mode::kReplace;
  std::string rights{};  // letters, each once; "c" and "d" as sent
  friend bool operator==(const SetAcl&, const SetAcl&) = default;
};
struct DeleteAcl {
  std::string mailbox{};
  std::string identifier{};
  friend bool operator==(const DeleteAcl&, const DeleteAcl&) = default;
};
struct GetAcl {
  std::string mailbox{};
  friend bool operator==(const GetAcl&, const GetAcl&) = default;
};
struct ListRights {
  std::string mailbox{};
  std::string identifier{};
  friend bool operator==(const ListRights&, const ListRights&) = default;
};
struct MyRights {
  std::string mailbox{};
  friend bool operator==(const MyRights&, const MyRights&) = default;
};

/// RFC 9208 s4.1
struct GetQuota {
  std::string root{};
  friend bool operator==(const GetQuota&, const GetQuota&) = default;
};
struct GetQuotaRoot {
  std::string mailbox{};
  friend bool operator==(const GetQuotaRoot&, const GetQuotaRoot&) = default;
};
struct SetQuota {
  std::string root{};
  std::vector<std::pair<std::string, std::uint64_t>> limits{};  // resource in capitals
  friend bool operator==(const SetQuota&, const SetQuota&) = default;
};

/// RFC 5464 s4. An empty mailbox name is the server.
struct GetMetadata {
  enum class Depth : std::uint8_t { kZero, kOne, kInfinity };
  std::string mailbox{};
  std::vector<std::string> entries{};  // as sent; "/private/…" or "/shared/…"
  std::optional<std::uint32_t> max_size{};
  Depth depth = Depth::kZero;
  friend bool operator==(const GetMetadata&, const GetMetadata&) = default;
};
struct SetMetadata {
  std::string mailbox{};
  std::vector<std::pair<std::string, std::optional<std::string>>> values{};  // nullopt: NIL, removes the entry
  friend bool operator==(const SetMetadata&, const SetMetadata&) = default;
};

}  // namespace veredus::wire::imap
