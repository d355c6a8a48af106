#pragma once

namespace veredus::app::cli {

/// What the shell gets; documented in docs/cli.md. Do not renumber.
enum ExitCode : int {
  kOk = 0,
  kFailed = 1,        // the command was understood and could not be done
  kUsage = 2,         // the command line is wrong
  kNotFound = 3,      // the domain, account, alias or message is not there
  kNotReachable = 4,  // the server does not run, or this user may not talk to it
  kBadConfig = 5,     // the configuration file is wrong
  // of `check spf` and its like, beside kOk (pass) and kFailed (fail, softfail, policy)
  kNoStatement = 6,     // none, neutral
  kTemporary = 7,       // temperror
  kPermanentError = 8,  // permerror
  // of `domain dns`, beside kOk and kFailed
  kIncomplete = 9,  // only what is recommended is missing
};

}  // namespace veredus::app::cli
