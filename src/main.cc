#include <sys/auxv.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "app/cli/cli.h"

namespace {

/// Before any thread is made, so that all inherit it: the server waits for these signals on its main thread alone.
void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// The C library keeps seven freed pieces of memory of each size at hand for a thread. Sessions in their hundreds have
/// more of them on their way, and what is beyond goes the long way: a tenth of what incoming mail costs. How many it
/// keeps can be told it in the environment alone, and before the program starts; so the program starts itself once
/// more, under its name. Whoever has set something there keeps that.
void keep_more_memory_at_hand(char** argv) {
  constexpr const char* kName = "GLIBC_TUNABLES";
  const bool is_said = std::getenv(kName) != nullptr;  // by himself, or by this, a moment ago
  if (is_said || ::getauxval(AT_SECURE) != 0 || ::setenv(kName, "glibc.malloc.tcache_count=100", 1) != 0) return;
  std::array<char, 4096> self{};
  if (::readlink("/proc/self/exe", self.data(), self.size() - 1) > 0) ::execv(self.data(), argv);  // or goes on
}

bool serves(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (const std::string_view word = argv[i]; word == "serve" || word == "demo") return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (serves(argc, argv)) {
      keep_more_memory_at_hand(argv);
      block_signals();
    }
    return veredus::app::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "veredus: %s\n", error.what());
    return 1;
  }
}
