#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "app/config/configuration.h"

namespace veredus::app::config {
namespace {

/// A row of a table in docs/configuration.md: `| `key` | default | …`.
struct Row {
  std::string key;
  std::string value;  // as TOML; empty: the page describes it
};

std::string value_of(const std::string& cell) {
  if (cell.find('`') != std::string::npos) return {};
  if (cell.starts_with('"')) return cell.substr(0, cell.find('"', 1) + 1);
  const bool is_toml = cell.starts_with('[') || cell == "true" || cell == "false" ||
                       cell.find_first_not_of("0123456789") == std::string::npos;
  return is_toml ? cell : std::string();
}

std::vector<Row> documented() {
  std::ifstream page(VEREDUS_SOURCE_DIR "/docs/configuration.md");
  std::vector<Row> rows;
  std::vector<std::string> arrays;  // of tables, whose keys are nothing by themselves
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const auto key_end = line.find('`', 3);
    const auto begin = key_end + 4;
    const auto end = line.find(" | ", begin);
    if (end == std::string::npos) continue;
    const auto key = line.substr(3, key_end - 3);
    if (line.find("`[[" + key + "]]`") != std::string::npos) arrays.push_back(key + ".");
    const auto is_below = [&key](const std::string& array) { return key.starts_with(array); };
    const bool alone = key.starts_with("listener.") || std::ranges::any_of(arrays, is_below);
    rows.push_back({key, alone ? std::string() : value_of(line.substr(begin, end - begin))});
  }
  return rows;
}

std::string text_with(const Row& row) {
  const std::string server = "hostname = \"mx.example.org\"\ndata_directory = \"data\"\n";
  const std::string listener = "[[listener]]\nprotocol = \"smtp\"\naddress = \"127.0.0.1:2525\"\n";
  const auto dot = row.key.rfind('.');
  if (dot == std::string::npos) return server + row.key + " = " + row.value + "\n" + listener;
  return server + listener + "[" + row.key.substr(0, dot) + "]\n" + row.key.substr(dot + 1) + " = " + row.value + "\n";
}

TEST(Configuration, TakesEveryDefaultAsItIsDocumented) {
  std::map<std::string, int> taken;  // of each table
  for (const auto& row : documented()) {
    if (row.value.empty()) continue;
    SCOPED_TRACE(row.key + " = " + row.value);
    const auto parsed = parse_configuration(text_with(row), "veredus.toml", "/etc/veredus");
    EXPECT_TRUE(parsed) << to_string(parsed.error());
    ++taken[row.key.substr(0, row.key.find('.'))];
  }
  for (const char* table : {"queue", "smtp", "mail_auth", "imap", "search", "storage", "mailbox"})
    EXPECT_GE(taken[table], 3) << table;
}

}  // namespace
}  // namespace veredus::app::config
