#pragma once

#include <cstdio>
#include <cstdlib>
#include <expected>
#include <utility>

/// The project's only macros: handing errors up, and stopping on a broken invariant.

#define VEREDUS_DETAIL_JOIN2(a, b) a##b
#define VEREDUS_DETAIL_JOIN(a, b) VEREDUS_DETAIL_JOIN2(a, b)
#define VEREDUS_DETAIL_FIRST_OF_TWO(_1, _2, name, ...) name

#define VEREDUS_DETAIL_TRY1(ret, tmp, expr)        \
  do {                                             \
    auto tmp = (expr);                             \
    if (!tmp) [[unlikely]]                         \
      ret std::unexpected(std::move(tmp).error()); \
  } while (false)

#define VEREDUS_DETAIL_TRY2(ret, tmp, decl, expr) \
  auto tmp = (expr);                              \
  if (!tmp) [[unlikely]]                          \
    ret std::unexpected(std::move(tmp).error());  \
  decl = *std::move(tmp)

#define VEREDUS_DETAIL_TRY1_RETURN(expr) VEREDUS_DETAIL_TRY1(return, VEREDUS_DETAIL_JOIN(try_, __COUNTER__), expr)
#define VEREDUS_DETAIL_TRY2_RETURN(decl, expr) \
  VEREDUS_DETAIL_TRY2(return, VEREDUS_DETAIL_JOIN(try_, __COUNTER__), decl, expr)
#define VEREDUS_DETAIL_TRY1_CO(expr) VEREDUS_DETAIL_TRY1(co_return, VEREDUS_DETAIL_JOIN(try_, __COUNTER__), expr)
#define VEREDUS_DETAIL_TRY2_CO(decl, expr) \
  VEREDUS_DETAIL_TRY2(co_return, VEREDUS_DETAIL_JOIN(try_, __COUNTER__), decl, expr)

/// `VEREDUS_TRY(expr);` or `VEREDUS_TRY(auto x, expr);`: evaluates `expr` (a std::expected) once and returns its error
/// from this function, or yields its value. The two-argument form makes declarations, so it cannot be the body of a
/// bare `if`.
#define VEREDUS_TRY(...)                                                                                  \
  VEREDUS_DETAIL_FIRST_OF_TWO(__VA_ARGS__, VEREDUS_DETAIL_TRY2_RETURN, VEREDUS_DETAIL_TRY1_RETURN, dummy) \
  (__VA_ARGS__)

/// The same in a coroutine: `VEREDUS_CO_TRY(auto line, co_await stream.read_line());`.
#define VEREDUS_CO_TRY(...)                                                                       \
  VEREDUS_DETAIL_FIRST_OF_TWO(__VA_ARGS__, VEREDUS_DETAIL_TRY2_CO, VEREDUS_DETAIL_TRY1_CO, dummy) \
  (__VA_ARGS__)

/// Stops the process when an invariant of this program is broken. Never for input from outside.
#define VEREDUS_CHECK(condition)                                                             \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)

namespace veredus {

/// What to tell a peer whose mail could not be taken now: every reply code, DSN action and retry derives from it.
enum class Permanence : unsigned char { kTemporary, kPermanent };

}  // namespace veredus
