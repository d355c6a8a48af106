#include "doors/admin/calls.h"
#include "state/directory/directory.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;

Reply set_password(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto text = read_body(request, [](Fields& fields) { return fields.need_string("password"); });
  base::crypto::wipe(request.body);
  if (!text) co_return text.error();
  base::crypto::Secret password(std::move(*text));
  const auto set = co_await services->directory.set_password(*id, std::move(password));
  co_return set ? no_content() : problem_of(set.error());
}

Reply list(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  boost::json::array all;
  for (const auto& password : services->directory.app_passwords(*id)) {
    boost::json::object object;
    object["id"] = password.id;
    object["name"] = password.name;
    object["created"] = json_time(password.created);
    object["last_used"] = password.last_used ? boost::json::value(json_time(*password.last_used)) : nullptr;
    all.push_back(std::move(object));
  }
  co_return reply(boost::json::object{{"app_passwords", std::move(all)}});
}

Reply create(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto name = read_body(request, [](Fields& fields) { return fields.need_string("name"); });
  if (!name) co_return name.error();
  const auto made = co_await services->directory.create_app_password(*id, std::move(*name));
  if (!made) co_return problem_of(made.error());
  boost::json::object object;
  object["id"] = made->id;
  object["password"] = made->password.reveal();  // shown once, kept nowhere
  co_return reply(object, 201);
}

Reply revoke(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto number = number_of(request.parameter("id"));
  if (!number) co_return problem_of(state::directory::DirectoryError::kNoSuchAppPassword);
  const auto revoked = co_await services->directory.revoke_app_password(*id, *number);
  co_return revoked ? no_content() : problem_of(revoked.error());
}

}  // namespace

void add_credential_calls(Routes& routes) {
  add(routes, Method::kPut, "/v1/accounts/{address}/password", set_password);
  add(routes, Method::kGet, "/v1/accounts/{address}/app-passwords", list);
  add(routes, Method::kPost, "/v1/accounts/{address}/app-passwords", create);
  add(routes, Method::kDelete, "/v1/accounts/{address}/app-passwords/{id}", revoke);
}

}  // namespace veredus::doors::admin
