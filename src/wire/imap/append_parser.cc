#include "wire/imap/append_parser.h"

#include <utility>

namespace veredus::wire::imap {

AppendParser::AppendParser(MessageVerb verb, const ReaderOptions& options) : verb_(verb), options_(options) {
  replace_.uid = verb == MessageVerb::kUidReplace;
}

CommandBody AppendParser::take() {
  if (verb_ == MessageVerb::kAppend) return std::move(append_);
  return std::move(replace_);
}

AppendedMessage& AppendParser::message() {
  return verb_ == MessageVerb::kAppend ? append_.messages.back() : replace_.message;
}

std::expected<AppendParser::Next, CommandError> AppendParser::run(Cursor& at) {
  consumed_ = at.position();
  while (true) {
    const auto stepped = step(at);
    if (!stepped) {
      if (at.ran_out()) return Next::kString;
      return std::unexpected(stepped.error());
    }
    consumed_ = at.position();
    if (*stepped) return **stepped;
  }
}

///   append = "APPEND" SP mailbox 1*append-message
///   append-message = [SP flag-list] [SP date-time] SP append-data (RFC 3502 s6.3.11, RFC 4466 s2.6)
///   append-data = literal / literal8 / "UTF8" SP "(" literal8 ")" / "CATENATE" SP "(" cat-part *(SP cat-part) ")"
///   cat-part = "TEXT" SP literal / "URL" SP astring (RFC 4469 s5) / "UTF8" SP "(" literal8 ")" (RFC 6855 s4)
AppendParser::Stepped AppendParser::step(Cursor& at) {
  switch (stage_) {
    case Stage::kTarget: {
      VEREDUS_TRY(parse_target(at));
      stage_ = Stage::kMessage;
      return std::nullopt;
    }
    case Stage::kMessage:
      return parse_data(at);
    case Stage::kPiece:
      return parse_piece(at);
    case Stage::kBehindUtf8: {
      if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
      stage_ = message().catenate ? Stage::kBehindPiece : Stage::kBehindMessage;
      return std::nullopt;
    }
    case Stage::kBehindPiece: {
      stage_ = Stage::kBehindMessage;
      if (at.list_end()) return std::nullopt;
      VEREDUS_TRY(at.space());
      stage_ = Stage::kPiece;
      return std::nullopt;
    }
    case Stage::kBehindMessage:
      return parse_behind_message(at);
  }
  return std::unexpected(CommandError::kTrailing);
}

std::expected<void, CommandError> AppendParser::parse_target(Cursor& at) {
  VEREDUS_TRY(at.space());
  if (verb_ == MessageVerb::kAppend) {
    VEREDUS_TRY(append_.mailbox, at.mailbox(options_.names()));
    append_.messages.emplace_back();
    return {};
  }
  if (at.take('*')) {  // RFC 8508 s3.1 seq-number
    replace_.number = kStar;
  } else {
    VEREDUS_TRY(replace_.number, at.nonzero());
  }
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(replace_.mailbox, at.mailbox(options_.names()));
  return {};
}

std::expected<void, CommandError> AppendParser::parse_attributes(Cursor& at, AppendedMessage& message) {
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') {
    VEREDUS_TRY(at.list_begin());
    while (!at.list_end()) {
      const auto begin = at.position();
      if (!add_flag(message.flags, at.word())) {
        at.go_to(begin);
        return std::unexpected(CommandError::kFlag);
      }
      if (message.flags.keywords.size() > options_.arguments) return std::unexpected(CommandError::kTooManyArguments);
      at.skip_blanks();
    }
    VEREDUS_TRY(at.space());
  }
  if (at.peek() != '"') return {};
  const auto begin = at.position();
  VEREDUS_TRY(const auto text, at.string());
  message.date = parse_date_time(text);
  if (!message.date) {
    at.go_to(begin);
    return std::unexpected(CommandError::kDateTime);
  }
  return at.space();
}

AppendParser::Stepped AppendParser::parse_data(Cursor& at) {
  VEREDUS_TRY(parse_attributes(at, message()));
  if (at.take_word("CATENATE")) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(at.list_begin());
    message().catenate = true;
    stage_ = Stage::kPiece;
    return std::nullopt;
  }
  if (!at.take_word("UTF8")) {
    stage_ = Stage::kBehindMessage;
    return parse_literal(at, false);
  }
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  stage_ = Stage::kBehindUtf8;
  return parse_literal(at, true);
}

AppendParser::Stepped AppendParser::parse_piece(Cursor& at) {
  if (++pieces_ > options_.arguments) return std::unexpected(CommandError::kTooManyArguments);
  stage_ = Stage::kPiece;
  if (at.take_word("URL")) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(auto url, at.astring());
    message().pieces.emplace_back().url = std::move(url);
    stage_ = Stage::kBehindPiece;
    return std::nullopt;
  }
  if (at.take_word("TEXT")) {
    VEREDUS_TRY(at.space());
    stage_ = Stage::kBehindPiece;
    return parse_literal(at, false);
  }
  if (!at.take_word("UTF8")) return std::unexpected(CommandError::kCatenate);
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  stage_ = Stage::kBehindUtf8;
  return parse_literal(at, true);
}

AppendParser::Stepped AppendParser::parse_literal(Cursor& at, bool utf8) {
  const auto mark = at.literal_mark();
  if (!mark || !at.at_end()) return std::unexpected(CommandError::kMessageLiteral);
  mark_ = *mark;
  auto& piece = message().pieces.emplace_back();
  piece.octets = mark->octets;
  piece.binary = mark->binary;
  piece.utf8 = utf8;
  return Next::kMessage;
}

AppendParser::Stepped AppendParser::parse_behind_message(Cursor& at) {
  if (at.end()) return Next::kDone;
  if (verb_ != MessageVerb::kAppend) return std::unexpected(CommandError::kTrailing);
  if (append_.messages.size() >= options_.arguments) return std::unexpected(CommandError::kTooManyArguments);
  append_.messages.emplace_back();
  stage_ = Stage::kMessage;
  return std::nullopt;
}

}  // namespace veredus::wire::imap
