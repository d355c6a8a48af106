#include "work/transfer/folder.h"

#include <array>
#include <set>
#include <utility>

#include "base/codec/ascii.h"
#include "state/mailbox/mailbox_name.h"

namespace veredus::work::transfer {
namespace {

using state::mailbox::kHierarchySeparator;
using state::mailbox::SpecialUse;

constexpr std::size_t kNameOctets = 400;

SpecialUse use_of(const wire::imap::ListResponse& listed) {
  constexpr std::array<std::pair<std::string_view, SpecialUse>, 6> kUses{{{"\\Archive", SpecialUse::kArchive},
                                                                          {"\\Drafts", SpecialUse::kDrafts},
                                                                          {"\\Junk", SpecialUse::kJunk},
                                                                          {"\\Sent", SpecialUse::kSent},
                                                                          {"\\Trash", SpecialUse::kTrash},
                                                                          {"\\Important", SpecialUse::kImportant}}};
  for (const auto& [attribute, use] : kUses)
    if (listed.has(attribute)) return use;
  return SpecialUse::kNone;
}

bool is_copied(const wire::imap::ListResponse& listed) {
  for (const auto* attribute : {"\\Noselect", "\\NonExistent", "\\All", "\\Flagged"})
    if (listed.has(attribute)) return false;
  return !listed.name.empty();
}

}  // namespace

std::string local_name(std::string_view name, char separator) {
  std::string local;
  for (const char octet : name) {
    if (octet == separator && separator != 0) {
      if (!local.empty() && local.back() != kHierarchySeparator) local.push_back(kHierarchySeparator);
    } else if (octet == kHierarchySeparator || static_cast<unsigned char>(octet) < ' ' || octet == '\x7F') {
      local.push_back('_');
    } else {
      local.push_back(octet);
    }
  }
  while (local.ends_with(kHierarchySeparator)) local.pop_back();
  if (local.empty()) local = "_";
  if (state::mailbox::is_reserved(local)) local.insert(state::mailbox::kSharedPrefix.size(), "_");
  const auto canonical = state::mailbox::canonical_name(local, kNameOctets);
  if (canonical) return *canonical;
  for (char& octet : local)
    if (static_cast<unsigned char>(octet) >= 0x80) octet = '_';
  if (local.size() > kNameOctets) local.resize(kNameOctets);
  while (local.ends_with(kHierarchySeparator)) local.pop_back();
  return local;
}

std::vector<Folder> folders_of(const std::vector<wire::imap::ListResponse>& listed, std::string_view prefix) {
  std::vector<Folder> folders;
  std::set<std::string> taken;
  for (const auto& one : listed) {
    if (!is_copied(one)) continue;
    std::string_view name = one.name;
    if (!prefix.empty() && name.size() > prefix.size() && base::codec::istarts_with_ascii(name, prefix))
      name.remove_prefix(prefix.size());
    Folder folder;
    folder.name = one.name;
    folder.use = use_of(one);
    folder.local = local_name(name, one.separator);
    while (!taken.insert(folder.local).second) folder.local.push_back('_');
    folders.push_back(std::move(folder));
  }
  return folders;
}

std::optional<std::string> personal_prefix(const wire::imap::Response& response) {
  if (response.name != "NAMESPACE" || response.values.empty()) return std::nullopt;
  const auto& personal = response.values.front();
  if (personal.items.empty() || personal.items.front().items.empty()) return std::nullopt;
  return personal.items.front().items.front().text;
}

}  // namespace veredus::work::transfer
