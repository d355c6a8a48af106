#include "work/delivery/signing.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types/result.h"
#include "state/directory/address_form.h"
#include "state/spool/spooled_message.h"
#include "work/mailauth/signer.h"

namespace veredus::work::delivery {

using mailauth::SealFacts;
using mailauth::Signer;
using mailauth::SigningWish;
using state::spool::SpooledMessage;
using state::spool::SpooledPassage;

namespace {

bool is_in_our_name(const Envelope& envelope) { return envelope.submitter.has_value() || envelope.is_ours; }

/// Whether From's domain signs. What stays here need not prove where it comes from.
bool wants_signature(const Signer::Options& options, const Envelope& envelope, const SpooledMessage& message) {
  return options.sign && is_in_our_name(envelope) && (options.sign_local || !message.remotes.empty());
}

/// Somebody elsewhere is behind it. `number`: from 1.
bool leads_elsewhere(const SpooledMessage& message, std::size_t number) {
  return std::ranges::any_of(message.remotes, [&](const auto& remote) { return remote.passage == number; });
}

/// The domain of the list, alias or account that a passage is of.
std::string domain_of(const Envelope& envelope, const SpooledPassage& spooled) {
  const auto is_it = [&](const auto& target) {
    return target.passage != nullptr && target.passage->fields == spooled.fields;
  };
  for (const auto& recipient : envelope.recipients) {
    const auto at = std::ranges::find_if(recipient.remote, is_it);
    if (at != recipient.remote.end()) return std::string(state::directory::split_address(at->passage->address).domain);
  }
  return {};
}

/// A list speaks for itself; who holds a post for moderation, and who forwards, does not.
bool is_post(const SpooledPassage& passage) { return passage.is_list && passage.sender.has_value(); }

/// Behind its first field, Delivered-To, which says where the message has been and is nobody's to sign.
void put_into(std::string& passage_fields, const std::string& signatures) {
  const auto first_end = passage_fields.find("\r\n");
  passage_fields.insert(first_end == std::string::npos ? 0 : first_end + 2, signatures);
}

}  // namespace

bool may_be_signed(const Signer* signer, const Envelope& envelope, const SpooledMessage& message) {
  if (signer == nullptr) return false;
  const auto options = signer->options();
  if (!options.sign && !options.seal) return false;
  const bool is_led_on = std::ranges::any_of(message.remotes, [](const auto& remote) { return remote.passage != 0; });
  return (is_led_on || wants_signature(options, envelope, message)) && signer->has_keys();
}

asio::awaitable<std::expected<void, mailauth::SigningError>> sign_ways(mailauth::SigningJob* job, const Signer* signer,
                                                                       const Envelope* envelope,
                                                                       SpooledMessage* message, Assessment assessment) {
  const auto options = signer->options();
  const SigningWish straight{
      .fields = message->trace, .domain = {}, .sign = wants_signature(options, *envelope, *message), .seal = {}};
  std::vector<SigningWish> wishes{straight};
  // What our own people sent is signed by them: there is nothing to vouch for.
  std::optional<SealFacts> seal;
  if (options.seal && !assessment.results.empty() && !is_in_our_name(*envelope))
    seal = SealFacts{.chain = assessment.arc_chain, .results = std::move(assessment.results)};
  for (std::size_t i = 0; i < message->passages.size(); ++i) {
    const auto& passage = message->passages[i];
    SigningWish wish{.fields = passage.fields + message->trace, .domain = {}, .sign = false, .seal = {}};
    if (leads_elsewhere(*message, i + 1)) {
      wish.domain = domain_of(*envelope, passage);
      wish.sign = options.sign && is_post(passage) && !wish.domain.empty();
      if (!wish.domain.empty()) wish.seal = seal;
    }
    wishes.push_back(std::move(wish));
  }
  VEREDUS_CO_TRY(const auto signatures, co_await job->finish(std::move(wishes)));
  message->trace.insert(0, signatures.front());
  for (std::size_t i = 0; i < message->passages.size(); ++i) put_into(message->passages[i].fields, signatures[i + 1]);
  co_return std::expected<void, mailauth::SigningError>{};
}

}  // namespace veredus::work::delivery
