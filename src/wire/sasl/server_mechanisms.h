#pragma once

#include <string>

#include "wire/sasl/exchange.h"
#include "wire/sasl/scram_message.h"

namespace veredus::wire::sasl {

/// The mechanisms behind Exchange::create; nobody else names them.

/// One response: authorisation identity, name and password. Source: RFC 4616.
class PlainExchange final : public Exchange {
 public:
  explicit PlainExchange(ExchangeOptions options) : Exchange(std::move(options)) {}

 protected:
  Step take_response(std::string_view response) override;
};

/// Name, then password. Nobody ever published a standard for it; old clients know nothing else. An initial response is
/// the name.
class LoginExchange final : public Exchange {
 public:
  explicit LoginExchange(ExchangeOptions options) : Exchange(std::move(options)) {}

 protected:
  Step take_response(std::string_view response) override;
  [[nodiscard]] std::string first_challenge() const override { return "Username:"; }

 private:
  std::string name_;
  bool have_name_ = false;
};

/// SCRAM-SHA-256 and, with `binding` used, -PLUS. Source: RFC 5802, RFC 7677.
class ScramExchange final : public Exchange {
 public:
  enum class Variant : std::uint8_t { kPlain, kPlus };
  ScramExchange(Variant variant, ExchangeOptions options) : Exchange(std::move(options)), variant_(variant) {}

 protected:
  Step take_response(std::string_view response) override;
  Step take_keys(std::vector<base::crypto::ScramKeys> keys) override;

 private:
  enum class Await : std::uint8_t { kFirst, kFinal, kNothing };
  Step take_first(std::string_view message);
  Step take_final(std::string_view message);
  std::expected<void, SaslError> choose_binding();
  [[nodiscard]] base::crypto::ScramKeys keys_of_nobody() const;
  [[nodiscard]] std::optional<std::size_t> matching_key(std::string_view proof, std::string_view signed_text) const;

  Variant variant_;
  Await await_ = Await::kFirst;
  ClientFirst first_;
  std::string binding_octets_;
  std::string nonce_;
  std::string server_first_;
  std::vector<base::crypto::ScramKeys> keys_;
  bool known_user_ = false;
  Success success_;
};

}  // namespace veredus::wire::sasl
