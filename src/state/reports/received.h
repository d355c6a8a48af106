#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/engine/engine.h"
#include "io/net/asio.h"
#include "state/reports/rows.h"

namespace veredus::state::reports {

/// Names a received report: 32 hexadecimal digits, made of who reports, about what, and the report's own id.
using ReportKey = std::string;

/// One report that was received, as lists show it.
struct Listed {
  ReportKey key;
  Summary summary;
};

struct Wanted {
  std::optional<rules::reportmail::Kind> kind;
  std::string domain;                    // empty: all
  SystemTime from{};                     // received from then on
  SystemTime until = SystemTime::max();  // and before
  std::size_t limit = 100;               // of a list
};

/// Reports about domains of ours that others sent. Each once: the same organization's report with the same id about
/// the same domain is not kept twice. Thread-safe. Rows: docs/formats/reports.md.
class Received {
 public:
  struct Options {
    std::chrono::days life{400};
    std::size_t most = 200'000;  // kept; what comes beyond it is not
  };
  enum class Added : std::uint8_t { kNew, kKnown, kFull };
  template <class T>
  using Result = asio::awaitable<std::expected<T, io::engine::StoreError>>;

  /// Both must outlive it.
  Received(io::engine::Engine& engine, const Clock& clock, Options options)
      : engine_(engine), clock_(clock), options_(options) {}

  /// Keeps a report with the document it was in; `summary.received`, `octets` and `chunks` are filled in.
  Result<Added> add(Summary summary, std::string document);
  /// The newest first.
  Result<std::vector<Listed>> list(Wanted wanted);
  /// The same one by one, however many, until `take` answers false.
  Result<void> each(Wanted wanted, std::function<bool(Listed)> take);
  Result<std::optional<Listed>> find(ReportKey key);
  /// As it came, unpacked; nullopt: there is no such report.
  Result<std::optional<std::string>> document(ReportKey key);
  Result<bool> erase(ReportKey key);
  /// Erases those past their life. Answers how many.
  Result<std::size_t> sweep();

 private:
  Result<std::optional<std::string>> place_of(ReportKey key);  // its received_key
  Result<void> erase_at(std::string place);
  Result<std::size_t> number();

  io::engine::Engine& engine_;
  const Clock& clock_;
  Options options_;
};

}  // namespace veredus::state::reports
