#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/ip_address.h"
#include "base/types/clock.h"
#include "io/net/asio.h"
#include "work/mailauth/findings.h"
#include "work/mailauth/options.h"

namespace veredus::work::mailauth {

class Answers;
struct Recollections;

/// Who brings a message, and as whom.
struct Occasion {
  std::optional<base::codec::IpAddress> client;  // nullopt: it has none (a UNIX socket); SPF and iprev say nothing
  std::string helo;
  std::string mail_from;                       // local@domain; empty: the null sender
  std::vector<std::string> recipient_domains;  // for reports
};

/// Looks at one message while it is received: SPF, DKIM, ARC, DMARC and the client's name.
///
///   inspection.header(block) once, inspection.body(octets) as they come, co_await inspection.conclude() once.
///
/// Used by one coroutine at a time.
class Inspection {
 public:
  /// `answers`, `recollections` and `clock` must outlive this.
  Inspection(Answers* answers, Recollections* recollections, const Clock* clock,
             std::shared_ptr<const InspectionOptions> options, Occasion occasion);
  Inspection(Inspection&&) noexcept;
  ~Inspection();

  /// All before the empty line, line ends CRLF, as it came.
  void header(std::string_view block);
  void body(std::string_view octets);
  /// Asks DNS what is not known yet, all at a time, for InspectionOptions::patience at most; what has no answer then
  /// is "temperror". Stays where it is meanwhile.
  asio::awaitable<Findings> conclude();

  [[nodiscard]] const Occasion& occasion() const;
  /// As they were when the message began.
  [[nodiscard]] const InspectionOptions& options() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace veredus::work::mailauth
