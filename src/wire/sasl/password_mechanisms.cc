#include "wire/sasl/server_mechanisms.h"

namespace veredus::wire::sasl {

// message = [authzid] UTF8NUL authcid UTF8NUL passwd, RFC 4616 s2
Step PlainExchange::take_response(std::string_view response) {
  const auto first = response.find('\0');
  const auto second = first == std::string_view::npos ? first : response.find('\0', first + 1);
  if (second == std::string_view::npos) return Failure{SaslError::kMalformed};
  const auto user = response.substr(first + 1, second - first - 1);
  const auto password = response.substr(second + 1);
  if (user.empty() || password.empty() || password.contains('\0')) return Failure{SaslError::kMalformed};
  return check_password(response.substr(0, first), user, password);
}

Step LoginExchange::take_response(std::string_view response) {
  if (response.empty() || response.contains('\0')) return Failure{SaslError::kMalformed};
  if (have_name_) return check_password("", name_, response);
  name_ = response;
  have_name_ = true;
  return Challenge{"Password:"};
}

}  // namespace veredus::wire::sasl
