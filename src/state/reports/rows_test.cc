#include "state/reports/rows.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "base/codec/hex.h"

namespace veredus::state::reports {
namespace {

using rules::aggregate::Record;

Record record() {
  Record out{.source_ip = "192.0.2.1", .disposition = "none", .dkim = "pass", .spf = "fail"};
  out.header_from = "example.org";
  out.envelope_from = "bounce.example.org";
  out.reasons = {{.type = "local_policy", .comment = "arc=pass"}};
  out.dkim_results = {{.domain = "example.org", .selector = "s1", .result = "pass"}};
  out.spf_results = {{.domain = "bounce.example.org", .scope = "mfrom", .result = "fail", .human = "-all"}};
  return out;
}

AskedFor policy() {
  AskedFor out;
  out.policy = {.domain = "example.org", .discovery_method = "treewalk", .policy = "reject", .testing = "n"};
  out.organizational_domain = "example.org";
  out.targets = {{.uri = "mailto:a@example.org", .most_octets = 1024}, {.uri = "mailto:b@example.net"}};
  return out;
}

SessionRow session() {
  SessionRow out;
  out.policy = {.type = "sts", .strings = {"version: STSv1"}, .domain = "example.org", .mx_hosts = {"*.example.org"}};
  out.failure = rules::tlsrpt::Failure{.result_type = "certificate-expired", .receiving_host = "mx.example.org"};
  return out;
}

Summary summary() {
  Summary out;
  out.kind = rules::reportmail::Kind::kTls;
  out.received = SystemTime(std::chrono::milliseconds(1'790'000'000'123));
  out.organization = "Peer";
  out.report_id = "7@peer.test";
  out.domain = "demo.test";
  out.begin = SystemTime(std::chrono::seconds(1'789'948'800));
  out.end = SystemTime(std::chrono::seconds(1'790'035'199));
  out.total = 10;
  out.passed = 7;
  out.sources = {{.name = "certificate-expired", .detail = "mx.demo.test", .count = 3}};
  out.author = "peer.test";
  out.authenticated = "pass";
  out.octets = 400;
  out.chunks = 1;
  return out;
}

TEST(Rows, StayAsTheyWereReleased) {  // docs/formats/reports.md
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR) + "/test/data/formats/report-rows-1.hex");
  std::stringstream golden;
  golden << file.rdbuf();
  std::string all;
  for (const auto& row :
       {encode_record(record()), encode_policy(policy()), encode_session(session()), encode_summary(summary())})
    all += base::codec::hex_encode(row) + "\n";
  EXPECT_EQ(all, golden.str());
}

template <class Encode, class Decode, class Value>
void check_both_ways(const Value& value, Encode encode, Decode decode) {
  const std::string octets = encode(value);
  const auto decoded = decode(octets);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(encode(*decoded), octets);
  for (std::size_t length = 0; length < octets.size(); ++length)
    EXPECT_FALSE(decode(std::string_view(octets).substr(0, length))) << length;
  EXPECT_FALSE(decode(octets + "x"));
}

TEST(Rows, AreReadBackAndNothingElseIs) {
  check_both_ways(record(), encode_record, decode_record);
  check_both_ways(policy(), encode_policy, decode_policy);
  check_both_ways(session(), encode_session, decode_session);
  check_both_ways(summary(), encode_summary, decode_summary);
  EXPECT_EQ(decode_policy(encode_policy(policy()))->targets[0].most_octets, 1024U);
  EXPECT_FALSE(decode_policy(encode_policy(policy()))->targets[1].most_octets);
}

}  // namespace
}  // namespace veredus::state::reports
