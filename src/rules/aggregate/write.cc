#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "base/codec/utf8.h"
#include "rules/aggregate/report.h"

namespace veredus::rules::aggregate {
namespace {

/// Text as XML can hold it: XML 1.0 s2.2, s2.4.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : base::codec::replace_invalid_utf8(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default: {
        const auto octet = static_cast<std::uint8_t>(c);
        if (octet < 0x20 && c != '\t' && c != '\n')
          out += "\xef\xbf\xbd";
        else
          out.push_back(c);
      }
    }
  }
  return out;
}

/// Elements, one a line, indented.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void open(std::string_view name) {
    fmt::format_to(std::back_inserter(out_), "{:{}}<{}>\n", "", indent_, name);
    indent_ += 2;
  }
  void close(std::string_view name) {
    indent_ -= 2;
    fmt::format_to(std::back_inserter(out_), "{:{}}</{}>\n", "", indent_, name);
  }
  void text(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{:{}}<{}>{}</{}>\n", "", indent_, name, escaped(value), name);
  }
  /// Nothing when it is empty.
  void optional(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }

 private:
  std::string& out_;
  int indent_ = 2;
};

std::string seconds(SystemTime time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

void write(Writer& out, const Metadata& metadata) {
  out.open("report_metadata");
  out.text("org_name", metadata.organization);
  out.text("email", metadata.email);
  out.optional("extra_contact_info", metadata.extra_contact);
  out.text("report_id", metadata.report_id);
  out.open("date_range");
  out.text("begin", seconds(metadata.begin));
  out.text("end", seconds(metadata.end));
  out.close("date_range");
  for (const auto& error : metadata.errors) out.text("error", error);
  out.optional("generator", metadata.generator);
  out.close("report_metadata");
}

void write(Writer& out, const PublishedPolicy& policy) {
  out.open("policy_published");
  out.text("domain", policy.domain);
  out.optional("discovery_method", policy.discovery_method);
  out.text("p", policy.policy);
  out.optional("sp", policy.subdomains);
  out.optional("np", policy.nonexistent);
  out.optional("fo", policy.failures);
  out.optional("adkim", policy.dkim);
  out.optional("aspf", policy.spf);
  out.optional("testing", policy.testing);
  out.close("policy_published");
}

void write_results(Writer& out, const Record& record) {
  out.open("auth_results");
  for (const auto& result : record.dkim_results) {
    out.open("dkim");
    out.text("domain", result.domain);
    out.text("selector", result.selector);
    out.text("result", result.result);
    out.optional("human_result", result.human);
    out.close("dkim");
  }
  for (const auto& result : record.spf_results) {
    out.open("spf");
    out.text("domain", result.domain);
    out.optional("scope", result.scope);
    out.text("result", result.result);
    out.optional("human_result", result.human);
    out.close("spf");
  }
  out.close("auth_results");
}

void write(Writer& out, const Record& record) {
  out.open("record");
  out.open("row");
  out.text("source_ip", record.source_ip);
  out.text("count", std::to_string(record.count));
  out.open("policy_evaluated");
  out.text("disposition", record.disposition);
  out.text("dkim", record.dkim);
  out.text("spf", record.spf);
  for (const auto& reason : record.reasons) {
    out.open("reason");
    out.text("type", reason.type);
    out.optional("comment", reason.comment);
    out.close("reason");
  }
  out.close("policy_evaluated");
  out.close("row");
  out.open("identifiers");
  out.text("header_from", record.header_from);
  out.text("envelope_from", record.envelope_from);  // RFC 9990 s3.1.1.10: empty for the null reverse-path
  out.optional("envelope_to", record.envelope_to);
  out.close("identifiers");
  write_results(out, record);
  out.close("record");
}

}  // namespace

std::string write_xml(const Report& report) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n";
  Writer writer(out);
  writer.text("version", "1.0");  // RFC 9990 s3.1.1.2
  write(writer, report.metadata);
  write(writer, report.policy);
  for (const auto& record : report.records) write(writer, record);
  return out + "</feedback>\n";
}

}  // namespace veredus::rules::aggregate
