#pragma once

#include <string>
#include <vector>

#include "state/directory/directory.h"
#include "state/directory/signing_key.h"
#include "support/run.h"
#include "support/scripted_resolver.h"

namespace veredus::test {

/// Made once: an RSA key takes a while. For tests only.
inline std::vector<state::directory::NewSigningKey> ready_keys() {
  using base::crypto::PrivateKey;
  static const auto rsa = PrivateKey::make_rsa(2048).pem();
  static const auto ed25519 = PrivateKey::make_ed25519().pem();
  return {{.selector = "r1", .pem = rsa}, {.selector = "e1", .pem = ed25519}};
}

/// Gives a domain of the directory a key of each kind, which sign at once and are in DNS. For tests only.
inline std::vector<state::directory::SigningKey> add_signing_keys(asio::io_context& io,
                                                                  state::directory::Directory& directory,
                                                                  const std::string& domain, ScriptedResolver& dns) {
  std::vector<state::directory::SigningKey> keys;
  auto made = run(io, directory.add_signing_keys(domain, ready_keys()));
  for (const auto& key : made.value()) {
    dns.txt(key.selector + "._domainkey." + domain, {record_text(key)});
    auto active = run(io, directory.change_signing_key(domain, key.selector, state::directory::KeyState::kActive));
    keys.push_back(active.value());
  }
  return keys;
}

}  // namespace veredus::test
