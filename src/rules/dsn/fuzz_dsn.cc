#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/bounce/recognize.h"
#include "rules/dsn/report.h"

/// Whatever a server said and whatever is quoted, a report is a message that is read back as what it says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace veredus;
  const std::string input(reinterpret_cast<const char*>(data), size);
  rules::dsn::Report report;
  report.reporting_mta = "mx.example.org";
  report.from = "postmaster@example.org";
  report.to = "alice@example.org";
  report.envelope_id = input.substr(0, 100);
  report.original = input;
  report.original_is_whole = size % 2 == 0;
  report.smtputf8 = size % 3 == 0;
  report.boundary_seed = "seed";
  report.message_id = "r@mx.example.org";
  rules::dsn::ReportedRecipient bob;
  bob.address = "bob@demo.test";
  bob.reply = wire::smtp::make_reply(550, 1, 1, input.substr(0, 2000));
  bob.remote_mta = input.substr(0, 200);
  report.recipients.push_back(bob);
  const auto read = rules::bounce::recognize(build_report(report));
  if (read.recipients.size() != 1 || read.recipients.front().recipient != "bob@demo.test") std::abort();
  if (read.recipients.front().action != "failed" || read.recipients.front().reply != "550") std::abort();
  return 0;
}
