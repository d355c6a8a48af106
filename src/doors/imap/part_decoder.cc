#include "doors/imap/part_decoder.h"

#include <utility>

#include "base/types/result.h"

namespace veredus::doors::imap {

using state::mailbox::MailboxError;
using wire::mime::TransferEncoding;

PartDecoder::PartDecoder(SectionPlace place, BodyReader* body, io::net::Stint* stint)
    : place_(place), body_(body), stint_(stint), at_(place.begin) {
  if (place.encoding == TransferEncoding::kBase64) decoder_.emplace<base::codec::Base64Decoder>();
  if (place.encoding == TransferEncoding::kQuotedPrintable) decoder_.emplace<base::codec::QuotedPrintableDecoder>();
}

std::string PartDecoder::decode(std::string_view octets) {
  std::string out;
  if (auto* base64 = std::get_if<base::codec::Base64Decoder>(&decoder_))
    base64->feed(octets, out);
  else if (auto* quoted = std::get_if<base::codec::QuotedPrintableDecoder>(&decoder_))
    quoted->feed(octets, out);
  else
    out.assign(octets);
  return out;
}

std::string PartDecoder::decode_rest() {
  std::string out;
  if (auto* base64 = std::get_if<base::codec::Base64Decoder>(&decoder_)) base64->finish(out);
  if (auto* quoted = std::get_if<base::codec::QuotedPrintableDecoder>(&decoder_)) quoted->finish(out);
  return out;
}

asio::awaitable<std::expected<std::string, MailboxError>> PartDecoder::next() {
  while (at_ < place_.end) {
    VEREDUS_CO_TRY(const auto octets, co_await body_->read(at_, place_.end));
    at_ += octets.size();
    auto decoded = decode(octets);
    if (stint_->is_long()) co_await stint_->pause();
    if (!decoded.empty()) co_return decoded;
  }
  if (std::exchange(finished_, true)) co_return std::string();
  co_return decode_rest();
}

asio::awaitable<std::expected<PartDecoder::Measured, MailboxError>> PartDecoder::measure() {
  Measured measured;
  while (true) {
    VEREDUS_CO_TRY(const auto octets, co_await next());
    if (octets.empty()) co_return measured;
    measured.octets += octets.size();
    measured.has_nul = measured.has_nul || octets.contains('\0');
  }
}

}  // namespace veredus::doors::imap
