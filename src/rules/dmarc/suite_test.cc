#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "base/codec/idna.h"
#include "rules/dmarc/evaluation.h"
#include "support/json_zone.h"
#include "support/suite_files.h"

namespace veredus::rules::dmarc {
namespace {

namespace json = boost::json;

/// What one call of a case came to.
struct Outcome {
  Verdict verdict;
  json::array asked;  // the policy records, in order
};

Outcome run(const json::object& call) {
  const test::JsonZone zone(call.at("zone").as_object());
  const auto& arguments = call.at("args").as_object();
  Message message;
  const std::string author(arguments.at("headerFrom").as_string());
  message.author_domain = author.substr(author.find('@') + 1);
  for (const auto& entry : arguments.at("dkimDomains").as_array())
    message.dkim_domains.emplace_back(entry.at("domain").as_string());
  for (const auto& entry : arguments.at("spfDomains").as_array())
    message.spf_domains.emplace_back(entry.at("domain").as_string());
  Outcome out;
  auto evaluation = evaluate(std::move(message), Options());
  while (const auto* question = evaluation.question()) {
    if (question->name.starts_with("_dmarc.")) out.asked.emplace_back(question->name);
    evaluation.answer(zone.answer(*question));
  }
  out.verdict = evaluation.take();
  return out;
}

json::value value_at(std::string_view path, const std::vector<Outcome>& outcomes) {
  if (path.starts_with("calls")) return outcomes.front().asked;
  const auto& verdict = outcomes.at(static_cast<std::size_t>(path.at(1) - '0')).verdict;
  const auto property = path.substr(std::min<std::size_t>(3, path.size()));
  if (property == "status.result") return json::string(to_string(verdict.result));
  if (property == "domain") return json::string(verdict.policy_domain);
  if (property != "policy") return nullptr;  // "not.property": ours has no such thing
  return json::string(to_string(verdict.result == Result::kFail ? verdict.disposition : verdict.published));
}

TEST(DmarcSuite, AgreesWithTheCasesOfRfc9989) {
  const auto folder = test::suite("dmarc-rfc9989");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite dmarc-rfc9989 is not here";
  const auto cases = json::parse(test::read_whole(folder / "cases.json")).as_array();
  int right = 0;
  for (const auto& value : cases) {
    const auto& test = value.as_object();
    std::vector<Outcome> outcomes;
    for (const auto& call : test.at("calls").as_array()) outcomes.push_back(run(call.as_object()));
    bool good = true;
    for (const auto& entry : test.at("asserts").as_array()) {
      if (entry.at("op").as_string() != "equal") continue;
      const auto got = value_at(entry.at("path").as_string(), outcomes);
      const auto& wanted = entry.at("value").as_array().at(0);
      EXPECT_EQ(got, wanted) << json::serialize(test.at("name"));
      good = good && got == wanted;
    }
    right += good ? 1 : 0;
  }
  std::printf("suite dmarc-rfc9989: %d of %zu\n", right, cases.size());
}

TEST(DmarcSuite, ReadsRecordsAsTheSuiteDoes) {
  const auto folder = test::suite("policy-records");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite policy-records is not here";
  int right = 0;
  int all = 0;
  for (const auto& value : json::parse(test::read_whole(folder / "records.json")).as_array()) {
    if (value.at("kind").as_string() != "dmarc-record") continue;
    const std::string text(value.at("text").as_string());
    const bool good = parse_record(text).has_value() == value.at("valid").as_bool();
    EXPECT_TRUE(good) << text;
    ++all;
    right += good ? 1 : 0;
  }
  std::printf("suite policy-records, DMARC: %d of %d\n", right, all);
}

TEST(PublicSuffixSuite, FindsRegisteredDomains) {
  const auto folder = test::suite("psl");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite psl is not here";
  const auto list = PublicSuffixes::load((folder / "public_suffix_list.dat").string());
  ASSERT_TRUE(list);
  std::ifstream lines(folder / "tests.txt");
  int right = 0;
  int all = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with("//")) continue;
    std::istringstream words(line);
    std::string name;
    std::string wanted;
    words >> name >> wanted;
    const auto ascii = base::codec::to_ascii(wanted);
    const auto found = list->registered_domain(name == "null" ? "" : name);
    const bool good = wanted == "null" ? !found : found == ascii;
    EXPECT_TRUE(good) << line << " got " << found.value_or("null");
    ++all;
    right += good ? 1 : 0;
  }
  std::printf("suite psl: %d of %d\n", right, all);
}

}  // namespace
}  // namespace veredus::rules::dmarc
