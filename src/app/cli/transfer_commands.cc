#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <expected>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <unordered_map>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "base/codec/utf8.h"
#include "base/crypto/digest.h"
#include "base/types/result.h"
#include "io/http/percent.h"
#include "state/mailbox/mailbox_name.h"
#include "work/transfer/mail_files.h"
#include "work/transfer/mailbox_places.h"
#include "work/transfer/maildir.h"
#include "work/transfer/message_batch.h"

/// `mailbox import` and `mailbox export`.
namespace veredus::app::cli {
namespace {

using boost::json::value;
using io::http::Method;
using namespace work;

constexpr std::size_t kBatchOctets = 6 * 1024 * 1024;
constexpr std::size_t kBatchMessages = 500;
constexpr std::size_t kShownOctets = 64;  // of a keyword that may be anything

struct Options {
  std::string address;
  std::string path;
  std::string mailbox;
  std::string form;
};

std::string path_of_mailbox(const std::string& address, const std::string& mailbox) {
  return path_of("accounts", address) + "/mailboxes/" + io::http::percent_encode(mailbox);
}

/// How far an import or export has got.
struct Tally {
  std::uint64_t done = 0;
  std::uint64_t already_there = 0;
  std::uint64_t skipped = 0;
  std::uint64_t octets = 0;
  bool terminal = ::isatty(STDERR_FILENO) != 0;

  [[nodiscard]] std::string text(std::string_view what) const {
    return fmt::format("{} {} ({}), {} already there, {} skipped", done, what, shown_size(octets), already_there,
                       skipped);
  }
  void show(std::string_view what) const {
    if (terminal) std::cerr << "\r\x1b[K" << text(what) << std::flush;
  }
  void say(const std::string& sentence) const {
    std::cerr << (terminal ? "\r\x1b[K" : "") << printable(sentence) << "\n";
  }
  void complain(const std::string& sentence) {
    ++skipped;
    say("skipped " + sentence);
  }
  int end(const Invocation& invocation, std::string_view what) const {
    if (terminal) std::cerr << "\r\x1b[K";
    if (invocation.json)
      std::cout << boost::json::serialize(boost::json::object{
                       {"done", done}, {"already_there", already_there}, {"skipped", skipped}, {"octets", octets}})
                << "\n";
    else
      std::cout << text(what) << "\n";
    return kOk;
  }
};

/// Gathers messages for each mailbox and sends them, many at a time.
class Importer {
 public:
  Importer(AdminClient* client, const Options& options) : client_(client), options_(options) {}

  /// False: the server refused.
  bool take(transfer::FileMessage message) {
    auto mailbox = place_of(message.mailbox);
    if (mailbox != mailbox_ || batch_.size() + message.octets.size() > kBatchOctets || messages_ >= kBatchMessages) {
      if (!flush()) return false;
      mailbox_ = std::move(mailbox);
    }
    note_left_out(transfer::take_bad_keywords(message.marks.keywords));
    transfer::BatchMessage one;
    one.flags = message.marks.flags;
    one.keywords = std::move(message.marks.keywords);
    one.date = message.marks.date.value_or(SystemTime());
    one.octets = message.octets;
    one.nth = seen_[base::crypto::sha256(mailbox_ + '\n' + message.octets)]++;
    transfer::append_to_batch(batch_, one);
    ++messages_;
    return true;
  }
  bool flush() {
    if (batch_.empty()) return true;
    const auto answer = client_->send(Method::kPost, path_of_mailbox(options_.address, mailbox_) + "/import",
                                      std::exchange(batch_, {}));
    messages_ = 0;
    if (!answer) return false;
    tally.done += answer->at("stored").to_number<std::uint64_t>();
    tally.already_there += answer->at("already_there").to_number<std::uint64_t>();
    tally.octets += answer->at("octets").to_number<std::uint64_t>();
    tally.show("imported");
    return true;
  }

  Tally tally;

 private:
  /// What has no mailbox of its own goes where it was told to; the others below that, if anything was said.
  [[nodiscard]] std::string place_of(const std::string& mailbox) const {
    if (options_.mailbox.empty()) return mailbox.empty() ? "INBOX" : mailbox;
    return mailbox.empty() ? options_.mailbox : options_.mailbox + "/" + mailbox;
  }

  /// Said once: files that have such keywords have many.
  void note_left_out(const std::vector<std::string>& keywords) {
    if (keywords.empty() || std::exchange(noted_left_out_, true)) return;
    tally.say("veredus: keywords that a mailbox here cannot have are left out; the first: " +
              std::string(base::codec::utf8_prefix(keywords.front(), kShownOctets)));
  }

  AdminClient* client_;
  const Options& options_;
  bool noted_left_out_ = false;
  std::string mailbox_;
  std::string batch_;
  std::size_t messages_ = 0;
  std::unordered_map<std::string, std::uint32_t> seen_;  // how often the same octets came
};

std::optional<transfer::FileForm> form_of(const Options& options) {
  if (options.form.empty()) return transfer::file_form_of(options.path);
  auto form = transfer::parse_file_form(options.form);
  if (!form) std::cerr << "veredus: --format wants mbox, maildir or eml\n";
  return form;
}

int import_mail(const Invocation& invocation, const Options& options) {
  const auto form = form_of(options);
  if (!form) return kUsage;
  auto client = invocation.client();
  if (!client) return kUsage;
  if (!client->call(Method::kGet, path_of("accounts", options.address))) return client->exit_code();
  Importer importer(&*client, options);
  bool refused = false;
  transfer::FileReading reading;
  reading.message = [&](transfer::FileMessage message) {
    refused = refused || !importer.take(std::move(message));
    return !refused;
  };
  reading.complaint = [&](const std::string& sentence) { importer.tally.complain(sentence); };
  const auto read = transfer::read_mail_files(options.path, *form, reading);
  if (!read) {
    std::cerr << "veredus: " << read.error() << "\n";
    return kFailed;
  }
  if (refused || !importer.flush()) {
    std::cerr << "veredus: the same command goes on from here\n";
    return client->exit_code();
  }
  return importer.tally.end(invocation, "imported");
}

/// Where and how a mailbox is written.
struct Target {
  std::filesystem::path place;
  transfer::FileForm form;
};

/// One mailbox into its files. Errors: why not, for people.
std::expected<void, std::string> export_mailbox(AdminClient& client, const Options& options, const Target& target,
                                                const value& mailbox, Tally& tally) {
  const std::string name(mailbox.at("name").as_string());
  auto writer =
      transfer::MailboxWriter::open(target.place, target.form, mailbox.at("uid_validity").to_number<std::uint32_t>());
  if (!writer) return std::unexpected(writer.error());
  std::uint32_t last = writer->last_uid();
  while (true) {
    const auto batch = client.fetch(path_of_mailbox(options.address, name) + "/export?after=" + std::to_string(last));
    if (!batch) return std::unexpected("the server refused");
    if (batch->empty()) break;
    transfer::BatchReader reader(*batch);
    while (true) {
      const auto message = reader.next();
      if (!message) return std::unexpected(std::string(to_string(message.error())));
      if (!*message) break;
      transfer::FileMarks marks{(*message)->flags, (*message)->keywords, (*message)->date};
      VEREDUS_TRY(writer->write((*message)->uid.value, (*message)->octets, marks));
      last = (*message)->uid.value;
      ++tally.done;
      tally.octets += (*message)->octets.size();
    }
    tally.show("exported");
  }
  if (const auto& [keywords, messages] = writer->unlettered(); messages != 0)
    tally.say(
        fmt::format("veredus: {}: a Maildir has letters for 26 keywords; the others, of {} messages, are in the "
                    "file {}, which `mailbox import` reads and other programs do not: {}",
                    name, messages, transfer::kMessageKeywords, fmt::join(keywords, " ")));
  return writer->finish();
}

/// Whether `name` is the mailbox that was asked for; none was: all are.
bool is_wanted(const Options& options, std::string_view name) {
  return options.mailbox.empty() || state::mailbox::canonical_name(options.mailbox).value_or(options.mailbox) == name;
}

int export_mail(const Invocation& invocation, const Options& options) {
  const auto form = transfer::parse_file_form(options.form.empty() ? "maildir" : options.form);
  if (!form) {
    std::cerr << "veredus: --format wants mbox, maildir or eml\n";
    return kUsage;
  }
  auto client = invocation.client();
  if (!client) return kUsage;
  const auto answer = client->call(Method::kGet, path_of("accounts", options.address) + "/mailboxes");
  if (!answer) return client->exit_code();
  Tally tally;
  bool found = options.mailbox.empty();
  bool failed = false;
  transfer::MailboxPlaces places(options.path, *form);
  for (const auto& mailbox : answer->at("mailboxes").as_array()) {
    const Target target{places.place_of(mailbox.at("name").as_string()), *form};
    if (!is_wanted(options, mailbox.at("name").as_string())) continue;
    found = true;
    const auto before = tally;
    const auto exported = export_mailbox(*client, options, target, mailbox, tally);
    if (exported) continue;
    if (*form == transfer::FileForm::kMbox) tally = before;  // nothing of it is there
    failed = true;
    const bool refused = client->exit_code() != kOk;
    tally.say(fmt::format("veredus: {}: {}{}", mailbox.at("name").as_string(), exported.error(),
                          refused ? "; the same command goes on from here" : ""));
    if (refused) return client->exit_code();
  }
  if (found) {
    const int ended = tally.end(invocation, "exported");
    return failed ? static_cast<int>(kFailed) : ended;
  }
  std::cerr << "veredus: no such mailbox\n";
  return kNotFound;
}

}  // namespace

void add_transfer_commands(CLI::App& mailbox, Invocation& invocation) {
  const auto options = std::make_shared<Options>();
  auto* bring = add_command(mailbox, invocation, "import",
                            "put messages from files into mailboxes; again to go on, nothing comes twice");
  bring->add_option("address", options->address, "the account")->required();
  bring->add_option("path", options->path, "an mbox file, a Maildir, or .eml or .mbox files in directories")
      ->required();
  bring->add_option("--mailbox", options->mailbox,
                    "where it goes, sub-mailboxes below; unless said, they go to the top and the rest to INBOX");
  bring->add_option("--format", options->form, "mbox, maildir or eml; seen from the path unless said");
  bring->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return import_mail(invocation, *options); };
  });
  auto* out = add_command(mailbox, invocation, "export", "write mailboxes into files; again to add what is new");
  out->add_option("address", options->address, "the account")->required();
  out->add_option("path", options->path, "a directory, which is made")->required();
  out->add_option("--mailbox", options->mailbox, "only this one");
  out->add_option("--format", options->form, "maildir, mbox or eml; maildir unless said otherwise");
  out->callback([&invocation, options] {
    invocation.command = [&invocation, options] { return export_mail(invocation, *options); };
  });
}

}  // namespace veredus::app::cli
