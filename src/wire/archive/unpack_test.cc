#include "wire/archive/unpack.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace veredus::wire::archive {
namespace {

std::string little(std::uint32_t value, int octets) {
  std::string out;
  for (int i = 0; i < octets; ++i) out.push_back(static_cast<char>(static_cast<std::uint8_t>(value >> (8 * i))));
  return out;
}

/// A file for an archive made by hand.
struct File {
  std::string name = "report.xml";
  std::string content = {};
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
  std::string packed = {};  // empty: the content as it is
};

/// gzip's member without its wrapping: a raw stream.
std::string deflated(const std::string& content) {
  const std::string whole = gzip(content);
  return whole.substr(10, whole.size() - 18);
}

std::uint32_t checksum(const std::string& content) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

std::string zip(const std::vector<File>& files, const std::string& comment = "") {
  std::string out;
  std::string directory;
  for (const auto& file : files) {
    const std::string& packed = file.packed.empty() ? file.content : file.packed;
    const std::string shared = little(20, 2) + little(file.flags, 2) + little(file.method, 2) + little(0, 4) +
                               little(checksum(file.content), 4) +
                               little(static_cast<std::uint32_t>(packed.size()), 4) +
                               little(static_cast<std::uint32_t>(file.content.size()), 4) +
                               little(static_cast<std::uint32_t>(file.name.size()), 2) + little(0, 2);
    directory += "PK\x01\x02" + little(20, 2) + shared + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 little(static_cast<std::uint32_t>(out.size()), 4) + file.name;
    out += "PK\x03\x04" + shared + file.name + packed;
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  const auto count = static_cast<std::uint32_t>(files.size());
  return out + directory + "PK\x05\x06" + little(0, 4) + little(count, 2) + little(count, 2) +
         little(static_cast<std::uint32_t>(directory.size()), 4) + little(begin, 4) +
         little(static_cast<std::uint32_t>(comment.size()), 2) + comment;
}

TEST(Gunzip, ReadsWhatGzipWrites) {
  for (const std::string& content : {std::string(), std::string("<feedback/>"), std::string(300'000, 'x')}) {
    SCOPED_TRACE(content.size());
    const auto out = unpack(gzip(content), {.ratio = 2000});
    ASSERT_TRUE(out);
    EXPECT_EQ(*out, content);
  }
}

TEST(Gunzip, JoinsMembersAndPassesOverPadding) {
  EXPECT_EQ(gunzip(gzip("one ") + gzip("two") + std::string(512, '\0')), "one two");
}

TEST(Gunzip, RefusesWhatIsCutShortOrDamaged) {
  const std::string whole = gzip("<feedback>something that is long enough</feedback>");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_EQ(gunzip(whole.substr(0, size)).error(), UnpackError::kMalformed);
  }
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  EXPECT_EQ(gunzip(damaged).error(), UnpackError::kMalformed);
}

TEST(Gunzip, RefusesBombs) {
  const std::string zeros(20 * 1024 * 1024, '\0');
  EXPECT_EQ(gunzip(gzip(zeros)).error(), UnpackError::kRatio);
  EXPECT_EQ(gunzip(gzip(zeros), {.octets = 1024}).error(), UnpackError::kTooBig);
  EXPECT_EQ(gunzip(gzip(zeros), {.octets = 64 * 1024 * 1024, .ratio = 2000})->size(), zeros.size());
  // Many small members are no way around it.
  std::string members;
  for (int i = 0; i < 4; ++i) members += gzip(std::string(600'000, '\0'));
  EXPECT_EQ(gunzip(members).error(), UnpackError::kRatio);
}

TEST(Unzip, ReadsStoredAndDeflatedFiles) {
  const std::string xml = "<feedback>" + std::string(1000, 'a') + "</feedback>";
  EXPECT_EQ(unpack(zip({{.content = xml}})), xml);
  EXPECT_EQ(unpack(zip({{.content = xml, .method = 8, .packed = deflated(xml)}})), xml);
  EXPECT_EQ(unpack(zip({{.name = "folder/"}, {.content = xml}}, "a comment")), xml);
}

TEST(Unzip, RefusesWhatIsNoReportInAnArchive) {
  const std::string xml(100, 'a');
  struct Case {
    std::string_view what;
    std::string archive;
    UnpackError want;
  };
  const std::string good = zip({{.content = xml, .method = 8, .packed = deflated(xml)}});
  std::string wrong_sum = good;
  wrong_sum[wrong_sum.find("PK\x01\x02") + 16] ^= 1;
  std::string wrong_size = good;
  wrong_size[wrong_size.find("PK\x01\x02") + 24] ^= 1;
  std::string huge = good;
  huge[huge.find("PK\x01\x02") + 27] = '\x7f';
  std::string far = good;
  far[far.find("PK\x01\x02") + 45] = '\x7f';
  const std::vector<File> many(17, File{.name = "folder/"});
  const Case cases[] = {
      {"two files", zip({{.content = xml}, {.content = xml}}), UnpackError::kSeveralFiles},
      {"many entries", zip(many), UnpackError::kSeveralFiles},
      {"no file", zip({}), UnpackError::kNoFile},
      {"encrypted", zip({{.content = xml, .flags = 1}}), UnpackError::kEncrypted},
      {"bzip2", zip({{.content = xml, .method = 12}}), UnpackError::kMethod},
      {"checksum", wrong_sum, UnpackError::kMalformed},
      {"size", wrong_size, UnpackError::kMalformed},
      {"claims gigabytes", huge, UnpackError::kTooBig},
      {"a header that is elsewhere", far, UnpackError::kMalformed},
      {"cut short", good.substr(0, good.size() - 1), UnpackError::kMalformed},
      {"neither", "<feedback/>", UnpackError::kNotCompressed},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto out = unpack(c.archive);
    ASSERT_FALSE(out);
    EXPECT_EQ(out.error(), c.want);
  }
}

TEST(Unzip, RefusesBombsWhateverTheirDirectorySays) {
  const std::string zeros(20 * 1024 * 1024, '\0');
  EXPECT_EQ(unzip(zip({{.content = zeros, .method = 8, .packed = deflated(zeros)}})).error(), UnpackError::kRatio);
  File liar{.content = "small", .method = 8, .packed = deflated(zeros)};
  EXPECT_EQ(unzip(zip({liar})).error(), UnpackError::kRatio);
}

}  // namespace
}  // namespace veredus::wire::archive
