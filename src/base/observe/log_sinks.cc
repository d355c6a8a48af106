#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <utility>

#include "base/observe/log.h"

namespace veredus::base::observe {
namespace {

// Hands whole batches of finished lines to a spdlog sink, which knows files and terminals.
class SpdlogSink : public LogSink {
 public:
  explicit SpdlogSink(std::shared_ptr<spdlog::sinks::sink> sink) { use(std::move(sink)); }

  void write(std::string_view lines) override {
    sink_->log(spdlog::details::log_msg(spdlog::string_view_t(), spdlog::level::info,
                                        spdlog::string_view_t(lines.data(), lines.size())));
    sink_->flush();
  }

 protected:
  void use(std::shared_ptr<spdlog::sinks::sink> sink) {
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
    sink_ = std::move(sink);
  }

 private:
  std::shared_ptr<spdlog::sinks::sink> sink_;
};

class FileSink final : public SpdlogSink {
 public:
  explicit FileSink(const std::string& path) : SpdlogSink(open(path)), path_(path) {}
  void reopen() override { use(open(path_)); }

 private:
  static std::shared_ptr<spdlog::sinks::sink> open(const std::string& path) {
    return std::make_shared<spdlog::sinks::basic_file_sink_st>(path);
  }
  std::string path_;
};

}  // namespace

std::unique_ptr<LogSink> stderr_sink() {
  return std::make_unique<SpdlogSink>(std::make_shared<spdlog::sinks::stderr_sink_st>());
}

std::unique_ptr<LogSink> file_sink(const std::string& path) { return std::make_unique<FileSink>(path); }

}  // namespace veredus::base::observe
