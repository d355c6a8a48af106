#include "work/transfer/mail_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "state/mailbox/mailbox_name.h"
#include "work/transfer/folder.h"
#include "work/transfer/maildir.h"

namespace veredus::work::transfer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceOctets = std::size_t{256} * 1024;

std::optional<std::string> content_of(const fs::path& path, std::size_t most, std::string& why) {
  std::error_code error;
  const auto octets = fs::file_size(path, error);
  if (error) {
    why = error.message();
    return std::nullopt;
  }
  if (octets > most) {
    why = "too large";
    return std::nullopt;
  }
  std::string content(octets, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(content.data(), static_cast<std::streamsize>(octets))) {
    why = "cannot be read";
    return std::nullopt;
  }
  return content;
}

SystemTime changed_at(const fs::path& path) {
  std::error_code error;
  const auto time = fs::last_write_time(path, error);
  if (error) return {};
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::file_clock::to_sys(time));
}

/// What does not say when it came, came when its file was written.
FileMarks dated(FileMarks marks, const fs::path& path) {
  if (!marks.date) marks.date = changed_at(path);
  return marks;
}

/// Whatever its case: `.eml` and `.EML`.
bool has_extension(const fs::path& path, std::string_view extension) {
  return base::codec::iequals_ascii(path.extension().string(), extension);
}

/// A directory that is no link: links may lead back to where one is.
bool is_own_directory(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error) && !fs::is_symlink(path, error);
}

/// Numbers in names by their value: 9.eml before 10.eml.
bool comes_before(const fs::path& a, const fs::path& b) {
  const auto x = a.filename().string();
  const auto y = b.filename().string();
  const auto number_at = [](const std::string& text, std::size_t& at) {
    std::uint64_t number = 0;
    while (at < text.size() && base::codec::is_digit(text[at]) && number < 1'000'000'000'000'000'000)
      number = number * 10 + static_cast<std::uint64_t>(text[at++] - '0');
    return number;
  };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < x.size() && j < y.size()) {
    if (base::codec::is_digit(x[i]) && base::codec::is_digit(y[j])) {
      const auto m = number_at(x, i);
      const auto n = number_at(y, j);
      if (m != n) return m < n;
    } else if (x[i] != y[j]) {
      return x[i] < y[j];
    } else {
      ++i;
      ++j;
    }
  }
  return std::pair(x.size() - i, x) < std::pair(y.size() - j, y);
}

/// Names of what is in a directory, sorted. `reading` is told when it is there and cannot be read.
std::vector<fs::path> entries_of(const fs::path& directory, const FileReading* reading = nullptr) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    entries.push_back(at->path());
  if (error && error != std::errc::no_such_file_or_directory && reading != nullptr)
    reading->complaint(fmt::format("{}: {}", directory.string(), error.message()));
  std::ranges::sort(entries, comes_before);
  return entries;
}

std::expected<void, std::string> read_mbox(const fs::path& path, const std::string& mailbox,
                                           const FileReading& reading) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(path.string() + " cannot be read");
  MboxReader mbox(reading.max_message_octets);
  std::string piece(kPieceOctets, '\0');
  std::uint64_t number = 0;
  bool more = true;
  while (more) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    mbox.feed(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount())));
    more = !file.eof() && !file.fail();
    if (!more) mbox.finish();
    while (auto taken = mbox.take()) {
      ++number;
      const auto where = fmt::format("{}, message {}", path.string(), number);
      if (!*taken && taken->error() == MboxError::kNoMbox)
        return std::unexpected(fmt::format("{}: {}", path.string(), to_string(taken->error())));
      if (!*taken)
        reading.complaint(fmt::format("{}: {}", where, to_string(taken->error())));
      else if (!looks_like_message((*taken)->octets))
        reading.complaint(where + ": no message");
      else if (!reading.message({mailbox, std::move((*taken)->octets), dated(std::move((*taken)->marks), path)}))
        return {};
    }
  }
  return {};
}

void complain_unless(const std::expected<void, std::string>& read, const FileReading& reading) {
  if (!read) reading.complaint(read.error());
}

/// One file that is one message. False: stop.
bool read_one(const fs::path& path, const std::string& mailbox, FileMarks marks, const FileReading& reading) {
  std::string why;
  auto octets = content_of(path, reading.max_message_octets, why);
  if (!octets || !looks_like_message(*octets)) {
    reading.complaint(fmt::format("{}: {}", path.string(), octets ? "no message" : why));
    return true;
  }
  return reading.message({mailbox, *std::move(octets), dated(std::move(marks), path)});
}

/// One directory with cur and new. False: stop.
bool read_maildir_mailbox(const fs::path& directory, const std::string& mailbox,
                          const std::vector<std::string>& keywords, const FileReading& reading) {
  std::string ignored;
  const auto own = content_of(directory / "dovecot-keywords", kPieceOctets, ignored);
  const auto table = own ? parse_maildir_keywords(*own) : keywords;
  std::error_code absent;
  std::string why;
  const auto rest = content_of(directory / kMessageKeywords, reading.max_message_octets, why);
  if (!rest && fs::exists(directory / kMessageKeywords, absent))
    reading.complaint(fmt::format("{}: {}", (directory / kMessageKeywords).string(), why));
  const auto beside = parse_message_keywords(rest.value_or(""));
  for (const auto* part : {"cur", "new"}) {
    for (const auto& path : entries_of(directory / part, &reading)) {
      if (path.filename().string().starts_with('.')) continue;
      std::error_code error;
      const bool is_file = fs::is_regular_file(path, error);
      if (error) reading.complaint(fmt::format("{}: {}", path.string(), error.message()));
      if (!is_file) continue;
      const auto name = path.filename().string();
      auto marks = maildir_marks(name, table);
      if (const auto more = beside.find(maildir_message(name)); more != beside.end())
        marks.keywords.insert(marks.keywords.end(), more->second.begin(), more->second.end());
      if (!read_one(path, mailbox, std::move(marks), reading)) return false;
    }
  }
  return true;
}

/// Whether it has cur or new: archivers may leave out a directory that is empty.
bool has_maildir_parts(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path / "cur", error) || fs::is_directory(path / "new", error);
}

std::expected<void, std::string> read_maildir(const fs::path& path, const FileReading& reading) {
  if (!has_maildir_parts(path)) return std::unexpected(path.string() + " is no Maildir: it has neither cur nor new");
  std::string ignored;
  const auto keywords =
      parse_maildir_keywords(content_of(path / "dovecot-keywords", kPieceOctets, ignored).value_or(""));
  if (!read_maildir_mailbox(path, {}, keywords, reading)) return {};
  for (const auto& directory : entries_of(path, &reading)) {
    const auto name = maildir_mailbox(directory.filename().string());
    if (!name || !has_maildir_parts(directory)) continue;
    if (!read_maildir_mailbox(directory, local_name(*name, '/'), {}, reading)) return {};
  }
  return {};
}

/// "S F keyword", what export writes beside an .eml: flags as letters of Maildir, then keywords.
FileMarks marks_beside(const fs::path& eml) {
  std::string ignored;
  auto path = eml;
  const auto text = content_of(path.replace_extension(".flags"), kPieceOctets, ignored);
  if (!text) return {};
  const auto line = text->substr(0, text->find('\n'));
  const auto blank = std::min(line.find(' '), line.size());
  auto marks = maildir_marks(":2," + line.substr(0, blank), {});
  std::string_view rest = std::string_view(line).substr(blank);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find(' '), rest.size());
    if (end != 0) marks.keywords.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return marks;
}

/// The .eml files in a directory, then those below it. False: stop.
bool read_eml_directory(const fs::path& directory, const std::string& mailbox, const FileReading& reading) {
  std::vector<fs::path> below;
  for (const auto& path : entries_of(directory, &reading)) {
    if (is_own_directory(path)) {
      below.push_back(path);
    } else if (has_extension(path, ".eml") && !read_one(path, mailbox, marks_beside(path), reading)) {
      return false;
    }
  }
  return std::ranges::all_of(below, [&](const fs::path& path) {
    const auto name = local_name(path.filename().string(), 0);
    return read_eml_directory(path, mailbox.empty() ? name : mailbox + "/" + name, reading);
  });
}

/// An mbox file: NAME.mbox, or the file `mbox` in a directory NAME.mbox, as Apple Mail writes it.
bool is_mbox_file(const fs::path& path) {
  const bool is_called_so =
      has_extension(path, ".mbox") || (path.filename() == "mbox" && has_extension(path.parent_path(), ".mbox"));
  std::error_code error;
  return is_called_so && fs::is_regular_file(path, error);
}

/// The mbox files in a directory and in those below it, a mailbox each. Answers how many .eml files are beside them.
std::size_t read_mbox_directory(const fs::path& directory, const std::string& above, const FileReading& reading) {
  std::size_t passed_over = 0;
  for (const auto& path : entries_of(directory, &reading)) {
    if (is_own_directory(path)) {
      const bool is_of_mac = is_mbox_file(path / "mbox");
      const auto name = above + local_name((is_of_mac ? path.stem() : path.filename()).string(), 0);
      if (is_of_mac) complain_unless(read_mbox(path / "mbox", name, reading), reading);
      passed_over += read_mbox_directory(path, name + "/", reading);
    } else if (has_extension(path, ".mbox") && is_mbox_file(path)) {
      complain_unless(read_mbox(path, above + local_name(path.stem().string(), 0), reading), reading);
    } else if (has_extension(path, ".eml")) {
      ++passed_over;
    }
  }
  return passed_over;
}

bool is_mbox_or_eml(const fs::path& path) { return is_mbox_file(path) || has_extension(path, ".eml"); }

/// Whether there is a file of such a kind in a directory or below it.
bool holds(const fs::path& directory, bool (*is_of_kind)(const fs::path& path)) {
  std::error_code error;
  constexpr auto kSkip = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(directory, kSkip, error), end; !error && at != end; at.increment(error))
    if (is_of_kind(at->path())) return true;
  return false;
}

/// A file that is none of those in trees of .eml and mbox files, as export writes them.
bool is_of_other_kind(const fs::path& path) {
  std::error_code error;
  const auto is_called = [&](std::string_view extension) { return has_extension(path, extension); };
  return fs::is_regular_file(path, error) && !path.filename().string().starts_with('.') &&
         std::ranges::none_of(std::array<std::string_view, 4>{".eml", ".flags", ".mbox", ".part"}, is_called);
}

bool is_beside_maildir_parts(const fs::path& path) {
  const auto name = path.filename();
  if (name == "cur" || name == "new" || name == "tmp") return false;
  return is_mbox_or_eml(path) || (is_own_directory(path) && holds(path, is_mbox_or_eml));
}

/// cur, new and tmp may also be what mailboxes are called whose files are of another form. Thunderbird calls the
/// messages of a Maildir *.eml.
bool is_maildir(const fs::path& path) {
  if (!has_maildir_parts(path)) return false;
  std::error_code error;
  if (!fs::is_directory(path / "tmp", error)) return !holds(path, is_mbox_or_eml);
  if (holds(path / "cur", is_of_other_kind) || holds(path / "new", is_of_other_kind)) return true;
  return std::ranges::none_of(entries_of(path), is_beside_maildir_parts);
}

std::expected<void, std::string> written(const fs::path& path, std::string_view octets) {
  auto part = path;
  part += ".part";
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  file.close();
  std::error_code error;
  if (file) fs::rename(part, path, error);
  if (!file || error) return std::unexpected(path.string() + " cannot be written");
  return {};
}

std::expected<void, std::string> appended(const fs::path& path, std::string_view octets) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  file.close();
  if (!file) return std::unexpected(path.string() + " cannot be written");
  return {};
}

void set_time(const fs::path& path, SystemTime time) {
  std::error_code ignored;
  fs::last_write_time(path, std::chrono::file_clock::from_sys(time), ignored);
}

}  // namespace

std::string_view to_string(FileForm form) {
  switch (form) {
    case FileForm::kMbox:
      return "mbox";
    case FileForm::kMaildir:
      return "maildir";
    case FileForm::kEml:
      return "eml";
  }
  return "unknown";
}

std::optional<FileForm> parse_file_form(std::string_view word) {
  for (const auto form : {FileForm::kMbox, FileForm::kMaildir, FileForm::kEml})
    if (word == to_string(form)) return form;
  return std::nullopt;
}

FileForm file_form_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return has_extension(path, ".eml") ? FileForm::kEml : FileForm::kMbox;
  if (is_maildir(path)) return FileForm::kMaildir;
  return holds(path, is_mbox_file) ? FileForm::kMbox : FileForm::kEml;
}

bool looks_like_message(std::string_view octets) {
  const auto line = octets.substr(0, octets.find('\n'));
  if (octets.empty()) return false;
  if (line.empty() || line == "\r") return true;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::ranges::all_of(line.substr(0, colon),
                             [](char c) { return (c > ' ' && c < '\x7F') || c == ' ' || c == '\t'; });
}

std::expected<void, std::string> read_mail_files(const fs::path& path, FileForm form, const FileReading& reading) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::unexpected(path.string() + " is not there");
  if (form == FileForm::kMaildir) return read_maildir(path, reading);
  if (form == FileForm::kMbox) {
    if (!fs::is_directory(path, error)) return read_mbox(path, {}, reading);
    if (is_mbox_file(path / "mbox")) complain_unless(read_mbox(path / "mbox", {}, reading), reading);
    const auto passed_over = read_mbox_directory(path, {}, reading);
    if (passed_over != 0)
      reading.complaint(
          fmt::format("{}: beside the mbox files, .eml files were passed over: {}. --format eml reads them",
                      path.string(), passed_over));
    return {};
  }
  if (fs::is_directory(path, error))
    read_eml_directory(path, {}, reading);
  else
    read_one(path, {}, marks_beside(path), reading);
  return {};
}

/// Files are called after UIDVALIDITY and UID.
void MailboxWriter::find_last_uid(const fs::path& directory) {
  const auto prefix = std::to_string(uid_validity_) + ".";
  for (const auto& path : entries_of(directory)) {
    const auto name = path.filename().string();
    if (!name.starts_with(prefix) || name.ends_with(".part") || name.ends_with(".flags")) continue;
    std::uint32_t uid = 0;
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), uid);
    last_uid_ = std::max(last_uid_, uid);
  }
}

std::expected<MailboxWriter, std::string> MailboxWriter::open(const fs::path& place, FileForm form,
                                                              std::uint32_t uid_validity) {
  MailboxWriter writer(place, form, uid_validity);
  std::error_code error;
  if (form == FileForm::kMaildir) {
    for (const auto* part : {"cur", "new", "tmp"}) fs::create_directories(writer.place_ / part, error);
    std::string ignored;
    if (const auto known = content_of(writer.place_ / "dovecot-keywords", kPieceOctets, ignored))
      writer.keywords_ = parse_maildir_keywords(*known);
    writer.find_last_uid(writer.place_ / "cur");
  } else if (form == FileForm::kEml) {
    fs::create_directories(writer.place_, error);
    writer.find_last_uid(writer.place_);
  } else {
    fs::create_directories(writer.place_.parent_path(), error);
    auto part = writer.place_;
    part += ".part";
    if (!error && !std::ofstream(part, std::ios::binary | std::ios::trunc))
      return std::unexpected(part.string() + " cannot be written");
  }
  if (error) return std::unexpected(fmt::format("{}: {}", writer.place_.string(), error.message()));
  return writer;
}

std::expected<void, std::string> MailboxWriter::write(std::uint32_t uid, std::string_view octets,
                                                      const FileMarks& marks) {
  const auto name = fmt::format("{}.{}", uid_validity_, uid);
  switch (form_) {
    case FileForm::kMbox:
      return write_to_mbox(octets, marks);
    case FileForm::kEml:
      return write_eml(name, octets, marks);
    case FileForm::kMaildir:
      break;
  }
  return write_to_maildir(name, octets, marks);
}

std::expected<void, std::string> MailboxWriter::write_to_mbox(std::string_view octets, const FileMarks& marks) {
  auto part = place_;
  part += ".part";
  std::string text;
  append_to_mbox(text, octets, marks);
  return appended(part, text);
}

std::expected<void, std::string> MailboxWriter::write_eml(const std::string& name, std::string_view octets,
                                                          const FileMarks& marks) {
  FileMarks flags;
  flags.flags = marks.flags;
  std::vector<std::string> none;
  auto line = maildir_info(flags, none).info.substr(3);
  for (const auto& keyword : marks.keywords) line.append(" ").append(keyword);
  VEREDUS_TRY(written(place_ / (name + ".flags"), line + "\n"));  // before the message, which says it is whole
  VEREDUS_TRY(written(place_ / (name + ".eml"), octets));
  set_time(place_ / (name + ".eml"), marks.date.value_or(SystemTime()));
  return {};
}

std::expected<void, std::string> MailboxWriter::write_to_maildir(const std::string& name, std::string_view octets,
                                                                 const FileMarks& marks) {
  const auto known = keywords_.size();
  const auto [info, unlettered] = maildir_info(marks, keywords_);
  if (keywords_.size() != known) VEREDUS_TRY(written(place_ / "dovecot-keywords", format_maildir_keywords(keywords_)));
  const auto message = name + ".veredus";
  if (!unlettered.empty()) {
    VEREDUS_TRY(appended(place_ / kMessageKeywords, format_message_keywords(message, unlettered)));
    unlettered_.keywords.insert(unlettered.begin(), unlettered.end());
    ++unlettered_.messages;
  }
  const auto path = place_ / "cur" / (message + info);
  const auto temporary = place_ / "tmp" / name;
  std::string text;
  for (std::size_t at = 0; at < octets.size(); ++at)  // a Maildir has the line ends of its machine
    if (octets[at] != '\r' || at + 1 == octets.size() || octets[at + 1] != '\n') text.push_back(octets[at]);
  VEREDUS_TRY(written(temporary, text));
  set_time(temporary, marks.date.value_or(SystemTime()));
  std::error_code error;
  fs::rename(temporary, path, error);
  if (error) return std::unexpected(fmt::format("{}: {}", path.string(), error.message()));
  return {};
}

std::expected<void, std::string> MailboxWriter::finish() {
  if (form_ != FileForm::kMbox) return {};
  auto part = place_;
  part += ".part";
  std::error_code error;
  std::filesystem::rename(part, place_, error);
  if (error) return std::unexpected(fmt::format("{}: {}", place_.string(), error.message()));
  return {};
}

}  // namespace veredus::work::transfer
