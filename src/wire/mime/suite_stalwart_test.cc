#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "base/codec/ascii.h"
#include "base/codec/date.h"
#include "support/suite_files.h"
#include "wire/mime/address.h"
#include "wire/mime/check_report.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"
#include "wire/mime/message_id.h"
#include "wire/mime/parameters.h"
#include "wire/mime/received.h"

namespace veredus::wire::mime {
namespace {

namespace json = boost::json;

/// Agreement over one file of the suite, told as "suite mime-stalwart …: 66 of 68 agree".
struct Score {
  std::string name;
  int agree = 0;
  int all = 0;

  void count(bool agrees, const std::string& what) {
    ++all;
    if (agrees) ++agree;
    if (!agrees && std::getenv("VEREDUS_SUITE_VERBOSE") != nullptr) std::printf("  differs: %s\n", what.c_str());
  }
  void expect_at_least(int floor) const {
    std::printf("suite mime-stalwart %s: %d of %d agree\n", name.c_str(), agree, all);
    EXPECT_GE(agree, floor) << name;
  }
};

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : std::string();
}

std::string lf(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

/// The value of a field as a message would hold it: what the vector's text would be after "X:".
std::string field_value(const std::string& text) {
  std::string block = "X:" + text;
  FieldReader reader(block);
  const auto field = reader.next();
  return field ? std::string(field->value) : std::string();
}

json::array vectors(const std::string& file) {
  return json::parse(test::read_whole(test::suite("mime-stalwart") / file)).as_array();
}

/// `mine_lf`: the leaves' digests when the message has LF line ends, as the suite's digests were taken.
std::string difference(const json::object& fact, const json::object& ours, const json::array& mine_lf) {
  if (fact.at("subject") != ours.at("subject")) return "subject " + json::serialize(ours.at("subject"));
  for (const char* name : {"from", "to"})
    if (fact.at(name) != ours.at(name)) return std::string(name) + " " + json::serialize(ours.at(name));
  const auto& want = fact.at("leaves").as_array();
  const auto& have = ours.at("leaves").as_array();
  if (want.size() != have.size()) return "number of leaves " + std::to_string(have.size());
  for (std::size_t i = 0; i < want.size(); ++i) {
    const auto& leaf = want[i].as_object();
    const auto& mine = have[i].as_object();
    if (leaf.at("ct").is_string() && leaf.at("ct") != mine.at("type"))
      return "type " + json::serialize(mine.at("type"));
    if (leaf.at("filename") != mine.at("filename")) return "filename " + json::serialize(mine.at("filename"));
    if (leaf.contains("sha256") && leaf.at("sha256") != mine.at("sha256") && leaf.at("sha256") != mine_lf[i])
      return "sha256 of leaf " + std::to_string(i);
    if (leaf.contains("text") && lf(text_of(leaf.at("text"))) != lf(text_of(mine.at("text"))))
      return "text of leaf " + std::to_string(i) + " " + json::serialize(mine.at("text")).substr(0, 200);
  }
  return {};
}

TEST(SuiteStalwart, MessagesAreReadAsTheSuiteReadsThem) {
  const auto folder = test::suite("mime-stalwart");
  if (folder.empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  const auto facts = json::parse(test::read_whole(folder / "facts.json")).as_object();
  std::map<std::string, Score> scores;
  Score all{"messages"};
  for (const auto& [file, fact] : facts) {
    const std::string path(file);
    const std::string message = test::read_whole(folder / path);
    json::array digests;
    for (const auto& leaf : json::parse(check_report_json(lf(message))).at("leaves").as_array())
      digests.push_back(leaf.at("sha256"));
    const auto report = json::parse(check_report_json(message));
    const auto different = difference(fact.as_object(), report.as_object(), digests);
    const std::string group = path.substr(4, path.find('/', 4) - 4);
    scores.try_emplace(group, Score{"messages " + group})
        .first->second.count(different.empty(), path + ": " + different);
    all.count(different.empty(), path);
  }
  // docs/mime.md explains every difference.
  scores.at("legacy").expect_at_least(33);
  scores.at("malformed").expect_at_least(9);
  scores.at("rfc").expect_at_least(7);
  scores.at("thirdparty").expect_at_least(10);
  all.expect_at_least(59);
}

TEST(SuiteStalwart, AddressesAreReadAsTheSuiteReadsThem) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"address.json"};
  for (const auto& vector : vectors("address.json")) {
    const auto& expected = vector.as_object().at("expected").as_object();
    std::string want;
    const auto append_list = [&](const json::array& list) {
      for (const auto& one : list) want += "[" + text_of(one.at("name")) + "|" + text_of(one.at("address")) + "]";
    };
    if (expected.contains("List")) append_list(expected.at("List").as_array());
    if (expected.contains("Group"))
      for (const auto& group : expected.at("Group").as_array()) {
        if (group.at("name").is_string()) want += text_of(group.at("name")) + ":";
        append_list(group.at("addresses").as_array());
        if (group.at("name").is_string()) want += ";";
      }
    std::string have;
    for (const auto& address : parse_address_list(field_value(text_of(vector.at("header"))))) {
      const std::string shown = display_name(address);
      if (address.kind == AddressKind::kGroupStart) have += shown + ":";
      if (address.kind == AddressKind::kGroupEnd) have += ";";
      if (address.kind == AddressKind::kMailbox) have += "[" + shown + "|" + address_text(address) + "]";
    }
    score.count(want == have, json::serialize(vector.at("header")) + "\n    want " + want + "\n    have " + have);
  }
  score.expect_at_least(40);
}

TEST(SuiteStalwart, ContentTypesAreReadAsTheSuiteReadsThem) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"content_type.json"};
  for (const auto& vector : vectors("content_type.json")) {
    const auto& expected = vector.as_object().at("expected");
    std::map<std::string, std::string> want;
    if (expected.is_object()) {
      want["/type"] = text_of(expected.at("c_type")) + "/" + text_of(expected.at("c_subtype"));
      if (const auto* list = expected.as_object().if_contains("attributes"); list != nullptr && list->is_array())
        for (const auto& pair : list->as_array()) want[text_of(pair.as_array()[0])] = text_of(pair.as_array()[1]);
    }
    const auto type = parse_content_type(field_value(text_of(vector.at("header"))));
    std::map<std::string, std::string> have;
    if (!type.type.empty()) {
      have["/type"] = type.type + "/" + type.subtype;
      for (const auto& name : parameter_names(type.parameters)) {
        std::string language;
        have[name] = parameter_utf8(type.parameters, name, Undeclared::kGuess, &language);
        if (!language.empty()) have[name + "-language"] = language;
      }
    }
    std::string told;
    for (const auto& [name, value] : have) told += name + "=" + value + " ";
    score.count(want == have, json::serialize(vector.at("header")) + "\n    want " + json::serialize(expected) +
                                  "\n    have " + told);
  }
  score.expect_at_least(77);
}

json::value date_json(const std::optional<base::codec::ZonedTime>& date) {
  if (!date) return nullptr;
  const auto local = date->time + date->offset;
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day day(days);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(local - days));
  const auto offset = std::chrono::abs(date->offset).count();
  return json::object{{"year", static_cast<int>(day.year())},
                      {"month", static_cast<unsigned>(day.month())},
                      {"day", static_cast<unsigned>(day.day())},
                      {"hour", time.hours().count()},
                      {"minute", time.minutes().count()},
                      {"second", time.seconds().count()},
                      {"tz_before_gmt", date->offset.count() < 0},
                      {"tz_hour", offset / 60},
                      {"tz_minute", offset % 60}};
}

/// The same moment on the same clock; a zone of no offset may be written with either sign.
bool same_date(const json::value& want, const json::value& have) {
  if (!want.is_object() || !have.is_object()) return want.is_null() == have.is_null();
  for (const auto& [name, value] : have.as_object())
    if (name != "tz_before_gmt" && value.to_number<int>() != want.as_object().at(name).to_number<int>()) return false;
  const bool no_offset = have.at("tz_hour").to_number<int>() == 0 && have.at("tz_minute").to_number<int>() == 0;
  return no_offset || want.at("tz_before_gmt") == have.at("tz_before_gmt");
}

TEST(SuiteStalwart, DatesAreReadAsTheSuiteReadsThem) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"date.json"};
  for (const auto& vector : vectors("date.json")) {
    const std::string value = field_value(text_of(vector.at("header")));
    const bool received = value.contains(';');  // the suite's date reader also takes whole Received fields
    const auto have = date_json(received ? parse_received(value).date : base::codec::parse_rfc5322_date(value));
    score.count(same_date(vector.at("expected"), have),
                json::serialize(vector.at("header")) + " have " + json::serialize(have));
  }
  score.expect_at_least(24);
}

TEST(SuiteStalwart, MessageIdsAreReadAsTheSuiteReadsThem) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"id.json"};
  for (const auto& vector : vectors("id.json")) {
    json::array have;
    for (const auto& id : parse_message_ids(field_value(text_of(vector.at("header"))))) have.emplace_back(id);
    const auto& want = vector.at("expected");
    const bool same = want.is_null() ? have.empty() : want == json::value(have);
    score.count(same, json::serialize(vector.at("header")) + " have " + json::serialize(have));
  }
  score.expect_at_least(8);
}

TEST(SuiteStalwart, TextIsDecodedAsTheSuiteDecodesIt) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"unstructured.json"};
  for (const auto& vector : vectors("unstructured.json")) {
    const auto have = decode_header(field_value(text_of(vector.at("header"))), Undeclared::kReplace);
    score.count(text_of(vector.at("expected")) == have, json::serialize(vector) + " have " + have);
  }
  score.expect_at_least(19);
  Score lists{"list.json"};
  for (const auto& vector : vectors("list.json")) {
    json::array have;
    std::string rest = decode_header(field_value(text_of(vector.at("header"))));
    for (std::size_t at = 0; at <= rest.size();) {
      const auto comma = std::min(rest.find(',', at), rest.size());
      have.emplace_back(base::codec::trim_ascii(std::string_view(rest).substr(at, comma - at)));
      at = comma + 1;
    }
    lists.count(vector.at("expected") == json::value(have), json::serialize(vector) + " have " + json::serialize(have));
  }
  lists.expect_at_least(6);
}

std::string host_of(const json::object& expected, const char* name) {
  const auto* value = expected.if_contains(name);
  if (value == nullptr || !value->is_object()) return {};
  return text_of(value->as_object().begin()->value());
}

std::string plain_of(const json::object& expected, const char* name) {
  const auto* value = expected.if_contains(name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::string upper(const std::string& text) { return base::codec::to_upper_ascii(std::string_view(text)); }

TEST(SuiteStalwart, ReceivedFieldsAreReadAsTheSuiteReadsThem) {
  if (test::suite("mime-stalwart").empty()) GTEST_SKIP() << "the suite mime-stalwart is not there";
  Score score{"received.json"};
  Score fields{"received.json, single facts"};
  for (const auto& vector : vectors("received.json")) {
    const std::string header = text_of(vector.at("header"));
    const auto have = parse_received(field_value(header));
    const auto& want = vector.at("expected").as_object();
    std::string version = plain_of(want, "tls_version");
    std::replace(version.begin(), version.end(), '_', '.');
    std::string different;
    const auto compare = [&](const char* name, const std::string& wanted, const std::string& had) {
      fields.count(wanted == had, header + " " + name + ": want " + wanted + " have " + had);
      if (wanted != had) different += std::string(" ") + name;
    };
    compare("from", host_of(want, "from"), have.from);
    compare("from_ip", plain_of(want, "from_ip"), have.from_ip);
    compare("from_iprev", plain_of(want, "from_iprev"), have.from_iprev);
    compare("by", host_of(want, "by"), have.by);
    compare("for", plain_of(want, "for_"), have.recipient);
    compare("with", upper(plain_of(want, "with")), have.protocol);
    compare("id", plain_of(want, "id"), have.id);
    compare("via", plain_of(want, "via"), have.via);
    compare("helo", host_of(want, "helo"), have.helo);
    compare("ident", plain_of(want, "ident"), have.ident);
    compare("tls_version", version, have.tls_version);
    compare("tls_cipher", plain_of(want, "tls_cipher"), have.tls_cipher);
    const auto* date = want.if_contains("date");
    if (date != nullptr && !same_date(*date, date_json(have.date))) different += " date";
    score.count(different.empty(), header + different);
  }
  score.expect_at_least(107);
  fields.expect_at_least(1444);
}

}  // namespace
}  // namespace veredus::wire::mime
