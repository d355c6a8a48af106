#pragma once

#include <string_view>
#include <vector>

#include "rules/bounce/recognize.h"
#include "rules/bounce/report_parts.h"

namespace veredus::rules::bounce {

/// Complaints: RFC 5965 reports, one entry for each recipient they name, and those that come as plain messages.
[[nodiscard]] std::vector<BouncedRecipient> recognize_complaint(std::string_view message, const ReportParts& parts);

/// Automatic replies of people's mailboxes (RFC 3834): one entry, its recipient is who sent the reply.
[[nodiscard]] std::vector<BouncedRecipient> recognize_auto_reply(const ReportParts& parts);

/// Notices of Amazon SES in JSON, as SNS mails them: bounces, complaints and deliveries.
[[nodiscard]] std::vector<BouncedRecipient> recognize_ses_notice(const ReportParts& parts);

}  // namespace veredus::rules::bounce
