#include <cstddef>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "base/types/result.h"
#include "work/transfer/maildir.h"
#include "work/transfer/mbox.h"

namespace transfer = veredus::work::transfer;

/// What is taken out of an mbox and written as one comes out the same, in pieces of any size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  const auto read = [](std::string_view file, std::size_t piece) {
    transfer::MboxReader mbox(4096);
    std::vector<std::string> messages;
    for (std::size_t at = 0; at < file.size(); at += piece) mbox.feed(file.substr(at, piece));
    mbox.finish();
    while (auto taken = mbox.take())
      if (*taken) messages.push_back((*taken)->octets);
    return messages;
  };
  const auto whole = read(input, input.size() + 1);
  VEREDUS_CHECK(read(input, 3) == whole);
  std::string again;
  for (const auto& message : whole) transfer::append_to_mbox(again, message, {});
  VEREDUS_CHECK(read(again, 1000).size() <= whole.size());
  std::vector<std::string> keywords = transfer::parse_maildir_keywords(input);
  const auto marks = transfer::maildir_marks(input, keywords);
  std::set<std::string> left_out;
  const auto info = transfer::maildir_info(marks, keywords, left_out);
  VEREDUS_CHECK(transfer::maildir_marks(info, keywords).flags == marks.flags);
  return 0;
}
