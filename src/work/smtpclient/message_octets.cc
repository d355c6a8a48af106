#include "work/smtpclient/message_octets.h"

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "io/net/worker_pool.h"
#include "wire/mime/downgrade.h"
#include "wire/smtp/data_stream.h"

namespace veredus::work::smtpclient {
namespace {

using wire::mime::Reach;
using wire::smtp::Body;

constexpr std::size_t kInPlaceOctets = 64 * 1024;  // about 200 µs of conversion: more goes to the workers

/// The header block at the front of a message, or of its beginning.
std::string_view header_of(std::string_view message) {
  if (message.starts_with("\r\n")) return {};
  return message.substr(0, message.find("\r\n\r\n"));
}

bool has_bare_line_ends(std::string_view octets) {
  wire::smtp::LineEndingCheck check;
  check.feed(octets);
  check.finish();
  return check.fault() == wire::smtp::LineFault::kBareCr || check.fault() == wire::smtp::LineFault::kBareLf;
}

}  // namespace

asio::awaitable<std::expected<Facts, MessageError>> MessageOctets::look() {
  const auto asked = question(*message_, *peer_);
  if (asked == Question::kWhole) co_return co_await look_at_all();
  const auto count = message_->body->chunks();
  if (count == 1 || (count != 0 && asked == Question::kHeader)) {
    auto chunk = co_await message_->body->chunk(0);
    if (!chunk) co_return std::unexpected(MessageError::kBody);
    first_ = *std::move(chunk);
    next_ = 1;
  }
  co_return facts_of_first();
}

Facts MessageOctets::facts_of_first() const {
  Facts facts;
  facts.octets = message_->head.size() + message_->body->octets();
  facts.body = message_->body_kind;
  if (!first_) return facts;
  const std::string_view octets = *first_;
  if (facts.body != Body::kBinaryMime && !base::codec::is_ascii(octets)) facts.body = Body::k8BitMime;
  facts.utf8_header = !base::codec::is_ascii(message_->head) || !base::codec::is_ascii(header_of(octets));
  if (peer_->capabilities.chunking) facts.bare_line_ends = has_bare_line_ends(octets);
  return facts;
}

asio::awaitable<std::expected<std::string, MessageError>> MessageOctets::read_all() {
  std::string all = message_->head;
  all.reserve(all.size() + message_->body->octets());
  for (std::uint32_t i = 0; i < message_->body->chunks(); ++i) {
    const auto chunk = co_await message_->body->chunk(i);
    if (!chunk) co_return std::unexpected(MessageError::kBody);
    all += *chunk;
  }
  if (all.size() != message_->head.size() + message_->body->octets()) co_return std::unexpected(MessageError::kBody);
  co_return all;
}

/// RFC 6152 s3, RFC 3030 s3: a message that the peer cannot take as it is is converted, or comes back.
asio::awaitable<std::expected<Facts, MessageError>> MessageOctets::look_at_all() {
  const bool labelled = message_->body_kind && message_->body_kind != Body::k7Bit;
  if (message_->head.size() + message_->body->octets() > options_->max_converted_octets) {
    if (labelled) co_return std::unexpected(MessageError::kConversion);
    co_return facts_of_first();  // perhaps it is ASCII, as its sender has let us believe
  }
  VEREDUS_CO_TRY(auto all, co_await read_all());
  const bool binary = message_->body_kind == Body::kBinaryMime;
  const auto reach = peer_->capabilities.eight_bit_mime ? Reach::kEightBit : Reach::kSevenBit;
  const bool unfit = binary || (reach == Reach::kSevenBit && !base::codec::is_ascii(all));

  Facts facts;
  facts.utf8_header = !base::codec::is_ascii(header_of(all));
  if (unfit) {
    const bool short_enough = all.size() <= kInPlaceOctets || options_->workers == nullptr;
    auto convert = [octets = std::move(all), reach] { return wire::mime::downgrade(octets, reach); };
    std::expected<std::string, wire::mime::DowngradeError> converted;
    if (short_enough) {
      converted = convert();
    } else {
      auto work = co_await options_->workers->run(std::move(convert));
      if (!work) co_return std::unexpected(MessageError::kBody);
      converted = *std::move(work);
    }
    if (!converted) co_return std::unexpected(MessageError::kConversion);
    all = *std::move(converted);
  }
  facts.octets = all.size();
  facts.bare_line_ends = has_bare_line_ends(all);
  if (!base::codec::is_ascii(all)) facts.body = Body::k8BitMime;
  first_ = std::move(all);
  whole_ = true;
  co_return facts;
}

asio::awaitable<std::expected<std::optional<std::string>, MessageError>> MessageOctets::next() {
  if (first_) co_return take();
  if (whole_ || next_ == message_->body->chunks()) co_return std::nullopt;
  auto chunk = co_await message_->body->chunk(next_++);
  if (!chunk) co_return std::unexpected(MessageError::kBody);
  co_return *std::move(chunk);
}

}  // namespace veredus::work::smtpclient
