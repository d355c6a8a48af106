#include "app/config/sections.h"

namespace veredus::app::config {

void read_log(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "log", place, errors), "log.", place.file, errors);
  using base::observe::Level;
  if (const auto choice = in.read_choice(in.key("log.level"), {"debug", "info", "warning", "error", "off"}))
    to.log.level = static_cast<Level>(*choice);
  if (const auto choice = in.read_choice(in.key("log.format"), {"text", "json"}))
    to.log.format = *choice == 0 ? base::observe::LogFormat::kText : base::observe::LogFormat::kJson;
  in.read(in.key("log.file"), to.log_file);
  in.finish();
}

namespace {

void read_mailbox(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "mailbox", place, errors), "mailbox.", place.file, errors);
  in.read(in.key("mailbox.max_mailboxes"), to.mailbox.mailboxes, 10, 100'000);
  in.read(in.key("mailbox.removal_delay"), to.mailbox.removal_delay);
  in.read(in.key("mailbox.change_log_age"), to.mailbox.change_log_age);
  in.read(in.key("mailbox.cached_accounts"), to.mailbox.cached_accounts, 16);
  in.read_size(in.key("mailbox.table_memory"), to.mailbox.table_octets);
  in.read_size(in.key("mailbox.list_memory"), to.mailbox.sheet_octets);
  in.finish();
}

void read_search(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "search", place, errors), "search.", place.file, errors);
  if (const auto choice = in.read_choice(in.key("search.index"), {"off", "on_demand", "always"}))
    to.search_index.indexing = static_cast<state::search::Indexing>(*choice);
  in.read(in.key("search.index_min_messages"), to.search_index.min_messages, 1);
  in.read(in.key("search.index_update_every"), to.search_index.update_every);
  in.read(in.key("search.open_indexes"), to.search_index.open, 1, 10'000);
  in.read_size(in.key("search.memory"), to.search.memory_octets);
  in.finish();
}

void read_journal(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "journal", place, errors), "journal.", place.file, errors);
  in.read(in.key("journal.retention"), to.journal.retention);
  in.finish();
}

}  // namespace

void read_storage(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "storage", place, errors), "storage.", place.file, errors);
  in.read_size(in.key("storage.cache"), to.engine.cache_octets);
  in.read_size(in.key("storage.write_buffer"), to.engine.write_buffer_octets);
  in.read_size(in.key("storage.min_free"), to.engine.min_free_octets);
  in.read(in.key("storage.compress_bodies"), to.engine.compress_bodies);
  if (const auto choice = in.read_choice(in.key("storage.on_damage"), {"refuse", "salvage"}))
    to.engine.recovery = *choice == 0 ? io::engine::Recovery::kRefuseDamage : io::engine::Recovery::kSalvage;
  in.finish();
  read_mailbox(file, place, to, errors);
  read_search(file, place, to, errors);
  read_journal(file, place, to, errors);
}

}  // namespace veredus::app::config
