#include "state/spool/queue_rows.h"

#include "base/types/bytes.h"
#include "state/spool/spooled_message.h"

namespace veredus::state::spool {
namespace {

constexpr std::uint8_t kMarkFormat = 1;  // on disk: the first octet of each kind of row
constexpr std::uint8_t kOutboxFormat = 1;
constexpr std::uint8_t kFirstDestinationFormat = 1;  // without TLS
constexpr std::uint8_t kDestinationFormat = 2;
constexpr std::uint8_t kPauseFormat = 1;

std::uint32_t chunks_of(std::uint64_t octets) {
  return static_cast<std::uint32_t>((octets + kChunkOctets - 1) / kChunkOctets);
}

bool begins(ByteReader& reader, std::uint8_t format) { return reader.take_be<std::uint8_t>() == format; }

std::string key_of(char kind, std::string_view rest) {
  std::string key(1, kind);
  key.append(rest);
  return key;
}

}  // namespace

std::string_view to_string(PauseOf of) {
  switch (of) {
    case PauseOf::kEverything:
      return "everything";
    case PauseOf::kDestination:
      return "destination";
    case PauseOf::kSender:
      return "sender";
  }
  return "unknown";
}

std::string encode_mark(const AttemptMark& mark) {
  std::string row;
  put_be(row, kMarkFormat);
  put_be(row, mark.epoch);
  put_time(row, mark.at);
  put_string(row, mark.host);
  return row;
}

std::optional<AttemptMark> decode_mark(const EntryId& id, std::string_view row) {
  ByteReader reader(row);
  if (!begins(reader, kMarkFormat)) return std::nullopt;
  const auto epoch = reader.take_be<std::uint64_t>();
  const auto at = epoch ? take_time(reader) : std::nullopt;
  const auto host = at ? reader.take_string() : std::nullopt;
  if (!host || !reader.empty()) return std::nullopt;
  return AttemptMark{.id = id, .at = *at, .host = std::string(*host), .epoch = *epoch};
}

std::string encode_outbox(const OutboxItem& item) {
  std::string row;
  put_be(row, kOutboxFormat);
  row.append(item.about.key());
  put_string(row, item.recipient);
  put_be(row, static_cast<std::uint8_t>(item.smtputf8));
  put_be(row, chunks_of(item.message.size()));
  return row;
}

std::optional<OutboxRow> decode_outbox(const QueueId& id, std::string_view row) {
  ByteReader reader(row);
  if (!begins(reader, kOutboxFormat)) return std::nullopt;
  const auto about = entry_id_of_key(reader.rest().substr(0, sizeof(EntryId::octets)));
  if (!about) return std::nullopt;
  reader = ByteReader(reader.rest().substr(sizeof(EntryId::octets)));
  const auto recipient = reader.take_string();
  const auto smtputf8 = recipient ? take_flag(reader) : std::nullopt;
  const auto chunks = smtputf8 ? reader.take_be<std::uint32_t>() : std::nullopt;
  if (!chunks || !reader.empty()) return std::nullopt;
  OutboxRow read;
  read.item.id = id;
  read.item.about = *about;
  read.item.recipient = *recipient;
  read.item.smtputf8 = *smtputf8;
  read.chunks = *chunks;
  return read;
}

std::string encode_destination(const DestinationState& state) {
  std::string row;
  put_be(row, kDestinationFormat);
  put_be(row, state.connections);
  put_be(row, state.failures);
  put_optional_time(row, state.not_before);
  put_string(row, std::string_view(state.last_reply).substr(0, kMaxLastReplyOctets));
  put_time(row, state.changed_at);
  put_string(row, state.tls);
  return row;
}

std::optional<DestinationState> decode_destination(std::string_view domain, std::string_view row) {
  ByteReader reader(row);
  const auto format = reader.take_be<std::uint8_t>();
  if (format != kFirstDestinationFormat && format != kDestinationFormat) return std::nullopt;
  const auto connections = reader.take_be<std::uint32_t>();
  const auto failures = reader.take_be<std::uint32_t>();
  const auto not_before = take_optional_time(reader);
  const auto last_reply = not_before ? reader.take_string() : std::nullopt;
  const auto changed_at = last_reply ? take_time(reader) : std::nullopt;
  const auto tls = changed_at && format == kDestinationFormat ? reader.take_string() : std::string_view();
  if (!connections || !failures || !changed_at || !tls || !reader.empty()) return std::nullopt;
  return DestinationState{.domain = std::string(domain),
                          .connections = *connections,
                          .failures = *failures,
                          .not_before = *not_before,
                          .last_reply = std::string(*last_reply),
                          .changed_at = *changed_at,
                          .tls = std::string(*tls)};
}

std::string encode_pause(const Pause& pause) {
  std::string row;
  put_be(row, kPauseFormat);
  put_time(row, pause.since);
  put_string(row, pause.reason);
  return row;
}

std::optional<Pause> decode_pause(std::string_view key, std::string_view row) {
  ByteReader reader(row);
  if (!begins(reader, kPauseFormat) || key.size() < 2) return std::nullopt;
  const auto of = static_cast<std::uint8_t>(key[1]);
  const auto since = take_time(reader);
  const auto reason = since ? reader.take_string() : std::nullopt;
  if (!reason || !reader.empty() || of > static_cast<std::uint8_t>(PauseOf::kSender)) return std::nullopt;
  return Pause{.of = static_cast<PauseOf>(of),
               .subject = std::string(key.substr(2)),
               .reason = std::string(*reason),
               .since = *since};
}

namespace queue_keys {

std::string entry(const EntryId& id) { return key_of('e', id.key()); }
std::string entries_of(const QueueId& message) { return key_of('e', message.key()); }
std::string mark(const EntryId& id) { return key_of('a', id.key()); }
std::string chunk(const QueueId& message, std::uint32_t chunk) { return chunk_key(message, chunk); }
std::string staged(const QueueId& message) { return staging_key(message); }
std::string dedupe(const EntryId& id) { return key_of('k', id.key()); }

std::string outbox_chunk(const QueueId& id, std::uint32_t chunk) {
  std::string key = "xo";
  key.append(id.key());
  put_be(key, chunk);
  return key;
}

std::string outbox(const QueueId& id) { return key_of('o', id.key()); }
std::string destination(std::string_view domain) { return key_of('g', domain); }

std::string pause(PauseOf of, std::string_view subject) {
  std::string key = "h";
  key.push_back(static_cast<char>(of));
  return key.append(subject);
}

}  // namespace queue_keys

}  // namespace veredus::state::spool
