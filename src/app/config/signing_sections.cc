#include "app/config/sections.h"

namespace veredus::app::config {

void read_signing(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "signing", place, errors), "signing.", place.file, errors);
  in.read(in.key("signing.sign"), to.signing.sign);
  in.read(in.key("signing.sign_local"), to.signing.sign_local);
  in.read(in.key("signing.seal"), to.signing.seal);
  in.read(in.key("signing.lifetime"), to.signing.lifetime);
  in.read(in.key("signing.check_keys_every"), to.signing_keys.check_every);
  in.read(in.key("signing.key_overlap"), to.signing_keys.overlap);
  if (to.signing_keys.check_every.count() == 0) in.fail(nullptr, "'signing.check_keys_every' wants at least a second");
  in.finish();
}

}  // namespace veredus::app::config
