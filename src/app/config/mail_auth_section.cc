#include "app/config/lists.h"
#include "app/config/sections.h"
#include "base/codec/idna.h"

namespace veredus::app::config {
namespace {

using work::mailauth::DmarcAction;
using work::mailauth::SpfAction;
using work::mailauth::TemporaryAction;

constexpr std::chrono::milliseconds kLeastDeadline{100};

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

void read_weight(TableReader& in, const toml::node* node, int& to) {
  if (node == nullptr) return;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value == 0 || *value < -100 || *value > 100)
    return in.fail(node, "wants a number from -100 to 100, and not 0");
  to = static_cast<int>(*value);
}

void read_list(const toml::table& table, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(&table, "mail_auth.list.", place.file, errors);
  work::mailauth::AddressList list;
  const auto* zone = in.key("mail_auth.list.zone");
  in.read(zone, list.zone);
  if (auto name = base::codec::to_ascii(list.zone))
    list.zone = *std::move(name);
  else if (zone != nullptr)
    in.fail(zone, "wants the name of a list, such as \"zen.example.org\"");
  else
    errors.push_back({place.file, table.source().begin.line, "a [[mail_auth.list]] needs a 'zone'"});
  read_weight(in, in.key("mail_auth.list.weight"), list.weight);
  read_networks(in, in.key("mail_auth.list.answers"), list.answers);
  in.finish();
  to.mail_auth.lists.push_back(std::move(list));
}

void read_score(TableReader& in, const toml::node* node, int& to) {
  auto score = static_cast<unsigned>(to);
  in.read(node, score, 0, 10'000);
  to = static_cast<int>(score);
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
  for (const auto* table : tables_of(in, in.key("mail_auth.list"), "mail_auth.list"))
    read_list(*table, place, to, errors);
  read_score(in, in.key("mail_auth.lists_junk_from"), options.junk_from);
  read_score(in, in.key("mail_auth.lists_refuse_from"), options.refuse_from);
  in.read(in.key("mail_auth.remember_senders"), options.remember_senders);
  in.read(in.key("mail_auth.greylist"), options.greylist);
  in.read(in.key("mail_auth.greylist_delay"), options.greylist_delay);
  const auto* come_back = in.key("mail_auth.greylist_come_back");
  in.read(come_back, options.greylist_come_back);
  if (options.greylist_come_back <= options.greylist_delay) in.fail(come_back, "wants more than the delay");
  in.read(in.key("mail_auth.greylist_remember"), options.greylist_remember);
  in.finish();
}

}  // namespace veredus::app::config
