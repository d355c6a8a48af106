#include "rules/bounce/provider.h"

#include <array>

#include "base/codec/ascii.h"

namespace veredus::rules::bounce {
namespace {

struct Owner {
  std::string_view suffix;  // of host names
  std::string_view provider;
};

constexpr std::array kOwners = std::to_array<Owner>({
    {"gmail-smtp-in.l.google.com", "gmail"},
    {"google.com", "google"},
    {"googlemail.com", "google"},
    {"olc.protection.outlook.com", "outlook"},
    {"protection.outlook.com", "microsoft365"},
    {"hotmail.com", "outlook"},
    {"outlook.com", "outlook"},
    {"yahoodns.net", "yahoo"},
    {"yahoo.com", "yahoo"},
    {"mail.yahoo.co.jp", "yahoo-japan"},
    {"mail.icloud.com", "icloud"},
    {"me.com", "icloud"},
    {"apple.com", "icloud"},
    {"aol.com", "yahoo"},
    {"zoho.com", "zoho"},
    {"messagingengine.com", "fastmail"},
    {"protonmail.ch", "proton"},
    {"gmx.net", "gmx"},
    {"gmx.com", "gmx"},
    {"mail.com", "gmx"},
    {"web.de", "gmx"},
    {"kundenserver.de", "ionos"},
    {"ionos.com", "ionos"},
    {"t-online.de", "t-online"},
    {"orange.fr", "orange"},
    {"wanadoo.fr", "orange"},
    {"laposte.net", "laposte"},
    {"free.fr", "free"},
    {"sfr.fr", "sfr"},
    {"mail.ru", "mail.ru"},
    {"yandex.ru", "yandex"},
    {"yandex.net", "yandex"},
    {"qq.com", "qq"},
    {"163.com", "netease"},
    {"netease.com", "netease"},
    {"secureserver.net", "godaddy"},
    {"comcast.net", "comcast"},
    {"cloudfilter.net", "cloudfilter"},
    {"mimecast.com", "mimecast"},
    {"messagelabs.com", "messagelabs"},
    {"pphosted.com", "proofpoint"},
    {"ppe-hosted.com", "proofpoint"},
    {"barracudanetworks.com", "barracuda"},
    {"iphmx.com", "cisco"},
    {"amazonaws.com", "amazon"},
    {"amazonses.com", "amazon"},
    {"sendgrid.net", "sendgrid"},
    {"mailgun.org", "mailgun"},
    {"docomo.ne.jp", "docomo"},
    {"ezweb.ne.jp", "kddi"},
    {"au.com", "kddi"},
    {"softbank.ne.jp", "softbank"},
    {"facebook.com", "facebook"},
});

/// What only one provider's servers say.
constexpr std::array kSayings = std::to_array<Owner>({
    {"support.google.com/mail", "google"},
    {"- gsmtp", "google"},
    {"postmaster.live.com", "outlook"},
    {"prod.outlook.com", "microsoft365"},
    {"postmaster.yahooinc.com", "yahoo"},
    {"postmaster.verizonmedia.com", "yahoo"},
    {"support.apple.com", "icloud"},
    {"postmaster.gmx", "gmx"},
    {"mimecast", "mimecast"},
    {"proofpoint", "proofpoint"},
    {"ofr_", "orange"},
    {"lpn", "laposte"},
});

bool is_within(std::string_view host, std::string_view suffix) {
  if (!base::codec::iends_with_ascii(host, suffix)) return false;
  return host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.';
}

}  // namespace

std::string_view provider_of(std::string_view host_name, std::string_view normal_text) {
  host_name = base::codec::trim_ascii(host_name, " .\t[]");
  for (const Owner& owner : kOwners)
    if (is_within(host_name, owner.suffix)) return owner.provider;
  for (const Owner& saying : kSayings)
    if (normal_text.contains(saying.suffix)) return saying.provider;
  return {};
}

}  // namespace veredus::rules::bounce
