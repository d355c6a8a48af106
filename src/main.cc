#include <csignal>
#include <cstdio>
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

bool serves(int argc, char** argv) {
  for (int i = 1; i < argc; ++i)
    if (const std::string_view word = argv[i]; word == "serve" || word == "demo") return true;
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (serves(argc, argv)) block_signals();
    return veredus::app::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "veredus: %s\n", error.what());
    return 1;
  }
}
