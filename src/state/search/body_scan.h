#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "state/mailbox/message.h"
#include "state/search/message_text.h"
#include "state/search/needle.h"
#include "state/search/program.h"
#include "state/search/stored_pass.h"
#include "wire/mime/part_table.h"

namespace veredus::state::search {

/// Looks for what a program asks of one message in its octets, as far as the rest left it open. Looks no further, and
/// its verdict is of no use, when the search is stopped.
class BodyScan final : TextSink {
 public:
  /// `scene` and `program` outlive it. `known`: a verdict for each of its leaves.
  BodyScan(const Scene& scene, const Program& program, std::vector<Verdict> known,
           const std::vector<wire::mime::PartEntry>& parts);
  BodyScan(const BodyScan&) = delete;
  BodyScan& operator=(const BodyScan&) = delete;
  ~BodyScan() override = default;

  /// The octets that must be fed next begin here, or further on when what is left does not matter.
  [[nodiscard]] std::uint64_t wants() const { return open_ == 0 ? MessageText::kEnd : text_.wants(); }
  /// Ascending.
  void feed(std::uint64_t offset, std::string_view octets) { text_.feed(offset, octets); }
  /// After everything that was wanted was fed.
  [[nodiscard]] Verdict finish() const;

 private:
  struct Looking {
    std::uint32_t leaf;
    Finder finder;
  };

  void field(Owner owner, std::string_view name, std::string_view value_utf8) override;
  void text(std::string_view text_utf8) override;
  void end_text() override;
  [[nodiscard]] bool asks_text(const Looking& looking) const;
  void found(Looking& looking);

  static MessageText::Parts parts_for(const Program& program, const std::vector<Looking>& looking);
  static std::vector<Looking> open_leaves(const Program& program, const std::vector<Verdict>& known);

  const Scene& scene_;
  const Program& program_;
  std::vector<Verdict> known_;
  std::vector<Looking> looking_;
  std::size_t open_;
  MessageText text_;
};

}  // namespace veredus::state::search
