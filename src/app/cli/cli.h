#pragma once

namespace veredus::app::cli {

/// The whole program: parses the command line, runs one command, answers its exit code (exit_codes.h).
int run(int argc, char** argv);

}  // namespace veredus::app::cli
