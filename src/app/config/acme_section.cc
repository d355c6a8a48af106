#include "app/config/sections.h"
#include "base/codec/base64.h"
#include "base/codec/idna.h"

namespace veredus::app::config {
namespace {

/// Wildcards are proven by DNS alone (RFC 8555 s7.1.3), which is not spoken here.
void read_names(TableReader& in, const toml::node* node, std::vector<std::string>& target) {
  std::vector<std::string> texts;
  in.read(node, texts);
  for (const auto& text : texts) {
    const auto ascii = base::codec::to_ascii(text);
    if (ascii && ascii->contains('.'))
      target.push_back(*ascii);
    else
      in.fail(node, "wants full host names without '*', such as [\"mx.example.org\", \"mail.example.org\"]");
  }
}

}  // namespace

void read_acme(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "acme", place, errors), "acme.", place.file, errors);
  const auto* directory = in.key("acme.directory");
  in.read(directory, to.acme.directory);
  if (!to.acme.directory.empty() && !to.acme.directory.starts_with("https://"))
    in.fail(directory, "wants an https URL, such as \"https://acme-v02.api.letsencrypt.org/directory\"");
  bool agreed = false;
  in.read(in.key("acme.agree_to_terms"), agreed);
  if (!to.acme.directory.empty() && !agreed)
    in.fail(directory, "needs 'agree_to_terms = true': that its terms of service are agreed to");
  const auto* contacts = in.key("acme.contacts");
  in.read(contacts, to.acme.contacts);
  for (const auto& contact : to.acme.contacts)
    if (!contact.starts_with("mailto:"))
      in.fail(contacts, "wants addresses such as [\"mailto:hostmaster@example.org\"]");
  in.read(in.key("acme.binding_id"), to.acme.binding.id);
  const auto* binding_key = in.key("acme.binding_key");
  std::string key_text;
  in.read(binding_key, key_text);
  const auto key = base::codec::base64url_decode(key_text);
  if (!key || key->empty() == !to.acme.binding.id.empty())
    in.fail(binding_key, "wants the key that belongs to 'binding_id', in base64url as the authority gives it");
  else
    to.acme.binding.key = *key;
  read_names(in, in.key("acme.names"), to.acme.names);
  const auto choice = in.read_choice(in.key("acme.challenge"), {"http-01", "tls-alpn-01"});
  if (choice && *choice == 1) to.acme.challenge = work::acme::ChallengeKind::kTlsAlpn01;
  to.acme.addresses = {to.acme.challenge == work::acme::ChallengeKind::kHttp01 ? "0.0.0.0:80" : "0.0.0.0:443"};
  const auto* addresses = in.key("acme.addresses");
  in.read(addresses, to.acme.addresses);
  for (const auto& address : to.acme.addresses)
    if (!io::net::Endpoint::parse(address))
      in.fail(addresses, "wants addresses with ports, such as [\"0.0.0.0:80\", \"[::]:80\"]");
  in.finish();
}

}  // namespace veredus::app::config
