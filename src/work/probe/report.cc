#include "work/probe/report.h"

namespace veredus::work::probe {

std::string_view to_string(Stage stage) {
  switch (stage) {
    case Stage::kConnect:
      return "connect";
    case Stage::kTls:
      return "tls";
    case Stage::kGreeting:
      return "greeting";
    case Stage::kHello:
      return "hello";
    case Stage::kStartTls:
      return "starttls";
    case Stage::kTrials:
      return "recipients";
    case Stage::kAuth:
      return "auth";
    case Stage::kSend:
      return "send";
    case Stage::kQuit:
      return "quit";
  }
  return "unknown";
}

std::string_view to_string(Trial::Kind kind) {
  switch (kind) {
    case Trial::Kind::kUnknown:
      return "unknown-recipient";
    case Trial::Kind::kPostmaster:
      return "postmaster";
    case Trial::Kind::kRelay:
      return "relay";
    case Trial::Kind::kRelayPercent:
      return "relay-percent";
    case Trial::Kind::kRelayRoute:
      return "relay-route";
  }
  return "unknown";
}

std::string_view to_string(MailRoute route) {
  switch (route) {
    case MailRoute::kMx:
      return "mx";
    case MailRoute::kImplicit:
      return "implicit-mx";
    case MailRoute::kNullMx:
      return "null-mx";
    case MailRoute::kNoSuchDomain:
      return "no-such-domain";
    case MailRoute::kNone:
      return "none";
    case MailRoute::kDnsFailed:
      return "dns-failed";
  }
  return "unknown";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kMinor:
      return "minor";
    case Severity::kMajor:
      return "major";
    case Severity::kCritical:
      return "critical";
  }
  return "unknown";
}

}  // namespace veredus::work::probe
