#include "state/directory/provider_presets.h"

#include <algorithm>

namespace veredus::state::directory {

namespace {

constexpr ProviderPreset kPresets[] = {
    {"gmail", "Gmail", "smtp.gmail.com", 587, false, "", "an app password of the Google account, or an OAuth 2 token"},
    {"outlook", "Outlook and Microsoft 365", "smtp.office365.com", 587, false, "",
     "an OAuth 2 token; the password only where the organisation allows it"},
    {"yahoo", "Yahoo Mail", "smtp.mail.yahoo.com", 465, true, "", "an app password of the Yahoo account"},
    {"icloud", "iCloud Mail", "smtp.mail.me.com", 587, false, "", "an app-specific password of the Apple account"},
    {"aol", "AOL Mail", "smtp.aol.com", 465, true, "", "an app password of the AOL account"},
    {"zoho", "Zoho Mail", "smtp.zoho.com", 465, true, "", "the password, or an app password with two-factor login"},
    {"fastmail", "Fastmail", "smtp.fastmail.com", 465, true, "", "an app password with the right to send"},
    {"sendgrid", "SendGrid", "smtp.sendgrid.net", 587, false, "apikey", "an API key with the right to send"},
    {"mailgun", "Mailgun", "smtp.mailgun.org", 587, false, "", "the password of the domain's SMTP user"},
    {"ses", "Amazon SES", "email-smtp.us-east-1.amazonaws.com", 587, false, "",
     "the SMTP password of an IAM user; name the host of your region"},
};

}  // namespace

std::span<const ProviderPreset> provider_presets() { return kPresets; }

const ProviderPreset* find_provider(std::string_view name) {
  const auto* const at = std::ranges::find(kPresets, name, &ProviderPreset::name);
  return at == std::end(kPresets) ? nullptr : at;
}

}  // namespace veredus::state::directory
