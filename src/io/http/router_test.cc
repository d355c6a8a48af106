#include "io/http/router.h"

#include <gtest/gtest.h>

#include "io/http/percent.h"

namespace veredus::io::http {
namespace {

asio::awaitable<Response> nothing(Request /*request*/) { co_return Response{}; }

Router router_of(const std::vector<const char*>& patterns) {
  Router router;
  for (const auto* pattern : patterns) router.add(Method::kGet, pattern, nothing);
  return router;
}

TEST(Router, FindsRoutesAndTheirParameters) {
  const auto router = router_of(
      {"/", "/v1/domains", "/v1/domains/{domain}", "/v1/domains/{domain}/accounts/{name}", "/v1/domains/default"});
  struct Case {
    const char* path;
    const char* want;  // the parameters, or "-" for none such
  };
  const Case cases[] = {
      {"/", ""},
      {"/v1/domains", ""},
      {"/v1/domains/example.org", "domain=example.org;"},
      {"/v1/domains/b%C3%BCcher.test",
       "domain=b\xC3\xBC"
       "cher.test;"},
      {"/v1/domains/a%2Fb", "domain=a/b;"},
      {"/v1/domains/default", ""},
      {"/v1/domains/x/accounts/alice%40x", "domain=x;name=alice@x;"},
      {"/v1/domains/", "-"},
      {"/v1/domains/x/accounts", "-"},
      {"/v1", "-"},
      {"v1/domains", "-"},
      {"", "-"},
      {"/v1/domains/%4", "-"},
      {"/v1/domains/%zz", "-"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.path);
    const auto found = router.find(Method::kGet, c.path);
    std::string got = found ? "" : "-";
    if (found)
      for (const auto& [name, value] : found->parameters) got += name + '=' + value + ';';
    EXPECT_EQ(got, c.want);
  }
}

TEST(Router, TellsWhichMethodsThereAre) {
  Router router;
  router.add(Method::kGet, "/a/{x}", nothing);
  router.add(Method::kDelete, "/a/{y}", nothing);
  EXPECT_TRUE(router.find(Method::kHead, "/a/1"));
  EXPECT_EQ(router.find(Method::kPost, "/a/1").error().allowed, (std::vector{Method::kGet, Method::kDelete}));
  EXPECT_TRUE(router.find(Method::kPost, "/b").error().allowed.empty());
  EXPECT_EQ(router.routes(), (std::vector<std::string>{"GET /a/{x}", "DELETE /a/{y}"}));
}

TEST(Percent, ReadsBackWhatItWrites) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
  EXPECT_EQ(percent_encode("a/b c+~"), "a%2Fb%20c%2B~");
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("a%2"));
  EXPECT_FALSE(percent_decode("%G0"));
}

TEST(Percent, ReadsQueries) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_query("a=1&b=x%20y+z&c&d==&&a=2"),
            (Pairs{{"a", "1"}, {"b", "x y z"}, {"c", ""}, {"d", "="}, {"a", "2"}}));
  EXPECT_EQ(parse_query(""), Pairs());
  EXPECT_FALSE(parse_query("a=%x"));
}

}  // namespace
}  // namespace veredus::io::http
