#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "state/directory/plan.h"
#include "state/directory/resolution.h"
#include "state/directory/snapshot.h"

namespace veredus::test {

/// A directory made by plans applied one after another, without an engine.
class DirectoryDraft {
 public:
  [[nodiscard]] const state::directory::Snapshot& now() const { return snapshot_; }

  template <class T>
  std::expected<T, state::directory::DirectoryError> apply(state::directory::Planned<T> plan) {
    if (!plan) return std::unexpected(plan.error());
    state::directory::Snapshot next = snapshot_;
    for (const auto& row : plan->rows) EXPECT_TRUE(next.apply(row.key, row.value));
    snapshot_ = std::move(next);
    return std::move(plan->answer);
  }

  DomainId domain(std::string name, std::optional<char> separator = '+') {
    const state::directory::NewDomain request{.name = std::move(name), .subaddress_separator = separator};
    return apply(state::directory::plan_create_domain(snapshot_, request, {})).value().id;
  }
  AccountId account(std::string address, state::directory::Role role = state::directory::Role::kUser) {
    const state::directory::NewAccount request{
        .address = std::move(address), .display_name = {}, .role = role, .password = {}};
    return apply(state::directory::plan_create_account(snapshot_, request, std::nullopt, {})).value().id;
  }
  std::expected<state::directory::Alias, state::directory::DirectoryError> alias(std::string address,
                                                                                 std::vector<std::string> targets,
                                                                                 bool senders = false) {
    const state::directory::NewAlias request{
        .address = std::move(address), .targets = std::move(targets), .senders = senders};
    return apply(state::directory::plan_put_alias(snapshot_, request, {}));
  }

  /// Where mail goes, for people: "3+tag 5 bob@elsewhere.test", or the error.
  [[nodiscard]] std::string route(std::string local_part, std::string domain,
                                  state::directory::Poster poster = {}) const {
    const wire::smtp::Address address{.local_part = std::move(local_part), .domain = std::move(domain)};
    const auto found = state::directory::resolve(snapshot_, address, {}, state::directory::Purpose::kDelivery, poster);
    if (!found) return std::string(to_string(found.error()));
    std::string out;
    for (const auto& target : found->local) {
      out.append(out.empty() ? "" : " ").append(std::to_string(target.account.value));
      if (!target.tag.empty()) out.append("+").append(target.tag);
    }
    for (const auto& remote : found->remote) out.append(out.empty() ? "" : " ").append(to_string(remote.address));
    return out;
  }

 private:
  state::directory::Snapshot snapshot_;
};

}  // namespace veredus::test
