#include "app/config/sections.h"
#include "base/codec/idna.h"

namespace veredus::app::config {
namespace {

using work::mailauth::DmarcAction;
using work::mailauth::SpfAction;
using work::mailauth::TemporaryAction;

constexpr std::chrono::milliseconds kLeastDeadline{100};

void read_networks(TableReader& in, const toml::node* node, std::vector<io::net::Network>& to) {
  if (node == nullptr) return;
  std::vector<std::string> texts;
  in.read(node, texts);
  to.clear();
  for (const auto& text : texts) {
    if (const auto network = io::net::Network::parse(text))
      to.push_back(*network);
    else
      in.fail(node, "wants addresses or networks, such as [\"192.0.2.7\", \"2001:db8::/32\"]");
  }
}

void read_domains(TableReader& in, const toml::node* node, std::vector<std::string>& to) {
  std::vector<std::string> texts;
  in.read(node, texts);
  for (const auto& text : texts) {
    if (auto domain = base::codec::to_ascii(text))
      to.push_back(*std::move(domain));
    else
      in.fail(node, "wants domains, such as [\"example.org\"]");
  }
}

}  // namespace

void read_mail_auth(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "mail_auth", place, errors), "mail_auth.", place.file, errors);
  auto& options = to.mail_auth;
  in.read(in.key("mail_auth.check"), options.on);
  in.read(in.key("mail_auth.authserv_id"), options.authserv_id);
  const auto* deadline = in.key("mail_auth.deadline");
  in.read(deadline, options.patience);
  if (options.patience < kLeastDeadline) in.fail(deadline, "wants at least \"100ms\"");
  if (const auto choice = in.read_choice(in.key("mail_auth.dmarc"), {"report", "quarantine", "reject"}))
    options.dmarc = static_cast<DmarcAction>(*choice);
  if (const auto choice = in.read_choice(in.key("mail_auth.spf_fail"), {"report", "quarantine", "reject"}))
    options.spf = static_cast<SpfAction>(*choice);
  if (const auto choice = in.read_choice(in.key("mail_auth.temporary_failure"), {"accept", "try-later"}))
    options.temporary = static_cast<TemporaryAction>(*choice);
  in.read(in.key("mail_auth.received_spf"), options.received_spf);
  in.read(in.key("mail_auth.partial_bodies"), options.partial_bodies);
  read_networks(in, in.key("mail_auth.trusted_networks"), options.trusted_networks);
  read_domains(in, in.key("mail_auth.trusted_sealers"), options.trusted_sealers);
  read_domains(in, in.key("mail_auth.mailing_lists"), options.mailing_lists);
  read_domains(in, in.key("mail_auth.exempt_authors"), options.exempt_authors);
  in.finish();
}

}  // namespace veredus::app::config
