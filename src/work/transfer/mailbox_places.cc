#include "work/transfer/mailbox_places.h"

#include <algorithm>

#include "base/codec/hex.h"
#include "base/codec/utf8.h"
#include "base/crypto/digest.h"
#include "work/transfer/maildir.h"

namespace veredus::work::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileNameOctets = 240;  // of the 255 that most file systems take: ".mbox.part" follows
constexpr std::size_t kDigestDigits = 8;

std::string as_it_is(std::string_view name) { return std::string(name); }

std::string digest_of(std::string_view name) {
  return "~" + base::codec::hex_encode(base::crypto::sha256(name)).substr(0, kDigestDigits);
}

/// What is too long to be called so is cut, and told by a digest from others that begin the same.
std::string file_name(std::string_view name, std::string (*spelling)(std::string_view)) {
  auto whole = spelling(name);
  if (whole.size() <= kFileNameOctets) return whole;
  const auto digest = digest_of(name);
  while (spelling(name).size() + digest.size() > kFileNameOctets)
    name = base::codec::utf8_prefix(name, name.size() - 1);
  return spelling(name) + digest;
}

}  // namespace

bool MailboxPlaces::is_free(const fs::path& path, const std::string& whose) {
  return taken_.try_emplace(path, whose).first->second == whose;
}

fs::path MailboxPlaces::take(const fs::path& above, std::string name, Spelling spelling, const std::string& whose) {
  const bool is_mbox = form_ == FileForm::kMbox && !whose.ends_with('/');
  while (true) {
    auto path = above / file_name(name, spelling);
    if (is_mbox) path += ".mbox";
    auto part = path;
    part += ".part";
    if (is_free(path, whose) && (!is_mbox || is_free(part, whose))) return path;
    name += digest_of(name);
  }
}

fs::path MailboxPlaces::place_of(std::string_view mailbox) {
  if (form_ == FileForm::kMaildir) {
    if (maildir_directory(mailbox).empty()) return directory_;
    return take(directory_, std::string(mailbox), maildir_directory, std::string(mailbox));
  }
  auto place = directory_;
  for (std::size_t begin = 0; begin <= mailbox.size();) {
    const auto end = std::min(mailbox.find('/', begin), mailbox.size());
    std::string level(mailbox.substr(begin, end - begin));
    if (level == "." || level == "..") level.insert(0, "_");  // it must not lead elsewhere
    const bool is_file = form_ == FileForm::kMbox && end == mailbox.size();
    auto whose = std::string(mailbox.substr(0, end)) + (is_file ? "" : "/");
    place = take(place, std::move(level), as_it_is, whose);
    begin = end + 1;
  }
  return place;
}

}  // namespace veredus::work::transfer
