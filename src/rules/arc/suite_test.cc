#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/codec/ascii.h"
#include "rules/arc/sealing.h"
#include "rules/arc/validation.h"
#include "rules/dkim/canonical_body.h"
#include "rules/dkim/tag_list.h"
#include "support/json_zone.h"
#include "support/signed_message.h"
#include "support/suite_files.h"

namespace veredus::rules::arc {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;
namespace codec = base::codec;

struct Score {
  int cases = 0;
  int right = 0;
};

Verdict validate(const std::string& whole, const test::JsonZone& zone) {
  const auto [header, body] = test::split_message(whole);
  dkim::ReceivedMessage message(header);
  Validation validation(&message, SystemTime());
  for (std::size_t at = 0; at < body.size(); at += 11) message.body(std::string_view(body).substr(at, 11));
  message.end();
  return zone.run(validation.finish());
}

/// The suite's zones: a name and one text, chunks in quotes or not.
test::JsonZone zone_of(const json::object& records) {
  json::object zone;
  for (const auto& [name, text] : records) {
    json::array strings;
    strings.emplace_back(text.as_string());
    zone[name].emplace_object()["TXT"].emplace_array().emplace_back(std::move(strings));
  }
  return test::JsonZone(zone);
}

TEST(ArcSuite, ValidatesAsTheSuiteSays) {
  const auto folder = test::suite("arc-valimail");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite arc-valimail is not here";
  Score score;
  for (const auto& value : json::parse(test::read_whole(folder / "validation.json")).as_array()) {
    const auto& group = value.as_object();
    const auto zone = zone_of(group.at("txt-records").as_object());
    for (const auto& [name, entry] : group.at("tests").as_object()) {
      const auto& test = entry.as_object();
      const auto verdict = validate(test::with_crlf(std::string(test.at("message").as_string())), zone);
      const std::string wanted = codec::to_lower_ascii(test.at("cv").as_string());
      const bool right = wanted.empty() || wanted == to_string(verdict.result);  // empty: the suite leaves it open
      ++score.cases;
      score.right += right ? 1 : 0;
      EXPECT_TRUE(right) << std::string_view(name) << ": " << json::serialize(test.at("description")) << ": wanted "
                         << wanted << ", got " << to_string(verdict.result) << ' ' << verdict.problem;
    }
  }
  std::printf("suite arc-valimail, validation: %d of %d\n", score.right, score.cases);
}

std::string tag_of(std::string_view value, std::string_view name) {
  const auto tags = dkim::TagList::parse(value);
  return tags ? dkim::without_white_space(tags->find(name).value_or("")) : "";
}

/// The results of the message's own Authentication-Results fields of that server, as one value.
std::string results_of(const std::string& header, const std::string& server) {
  std::string out = server;
  for (const auto& field : wire::mime::read_fields(header)) {
    if (!codec::iequals_ascii(field.name, "Authentication-Results")) continue;
    const auto semicolon = field.value.find(';');
    if (codec::trim_ascii(field.value.substr(0, semicolon)) != server) continue;
    out += "; " + std::string(codec::trim_ascii(field.value.substr(semicolon + 1)));
  }
  return out;
}

std::string seal_as(const json::object& test, const json::object& group, const test::JsonZone& zone) {
  const auto message = test::with_crlf(std::string(test.at("message").as_string()));
  const auto [header, body] = test::split_message(message);
  dkim::BodyHash hash(dkim::Canonical::kRelaxed, std::nullopt);
  hash.feed(body);
  SealingOptions options;
  options.signing.fields.clear();
  for (const auto name : dkim::split_list(std::string_view(test.at("sig-headers").as_string()), ':'))
    options.signing.fields.emplace_back(name);
  const auto key =
      base::crypto::PrivateKey::read(base::crypto::Secret(std::string(group.at("privatekey").as_string())));
  const dkim::SigningName name{.domain = std::string(group.at("domain").as_string()),
                               .selector = std::string(group.at("sel").as_string()),
                               .identity = ""};
  return seal(header, hash.finish(), validate(message, zone).result,
              results_of(header, std::string(test.at("srv-id").as_string())), name, *key, options,
              SystemTime(std::chrono::seconds(test.at("t").as_int64())));
}

TEST(ArcSuite, SealsAsTheSuiteSays) {
  const auto folder = test::suite("arc-valimail");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite arc-valimail is not here";
  Score score;
  for (const auto& value : json::parse(test::read_whole(folder / "sign.json")).as_array()) {
    const auto& group = value.as_object();
    const auto zone = zone_of(group.at("txt-records").as_object());
    for (const auto& [name, entry] : group.at("tests").as_object()) {
      const auto& test = entry.as_object();
      const auto made = seal_as(test, group, zone);
      const auto fields = wire::mime::read_fields(made);
      bool right = fields.empty() == test.at("AS").as_string().empty();
      if (!fields.empty() && right) {
        // The signatures are equal only if all that was signed is.
        right = tag_of(fields[0].value, "b") == tag_of(test.at("AS").as_string(), "b") &&
                tag_of(fields[1].value, "b") == tag_of(test.at("AMS").as_string(), "b");
      }
      ++score.cases;
      score.right += right ? 1 : 0;
      EXPECT_TRUE(right) << std::string_view(name) << '\n' << made;
    }
  }
  std::printf("suite arc-valimail, sealing: %d of %d\n", score.right, score.cases);
}

TEST(ArcSuite, ValidatesWhatOthersSealed) {
  const auto folder = test::suite("arc-mail-auth");
  if (folder.empty()) GTEST_SKIP() << "Skipped: the suite arc-mail-auth is not here";
  Score score;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (!codec::is_digit(file.path().filename().string().front())) continue;
    const auto [zone, message] = test::zone_and_message(test::read_whole(file.path()));
    const auto verdict = validate(message, test::JsonZone(zone));
    ++score.cases;
    score.right += verdict.result == Result::kPass ? 1 : 0;
    EXPECT_EQ(verdict.result, Result::kPass) << file.path() << ' ' << verdict.problem;
  }
  std::printf("suite arc-mail-auth: %d of %d\n", score.right, score.cases);
}

}  // namespace
}  // namespace veredus::rules::arc
