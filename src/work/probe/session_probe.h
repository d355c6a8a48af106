#pragma once

#include <memory>
#include <string>

#include "work/probe/certificate.h"
#include "work/probe/talk.h"

namespace veredus::work::probe {

/// One connection, from the greeting to QUIT, as steps that each fill a part of the session. One use.
class SessionProbe {
 public:
  /// `domain`: whose unknown recipients are tried; empty: nobody's. The session and the options must outlive it.
  SessionProbe(Surroundings surroundings, Session* session, const Options* options, std::string domain);

  /// Ends when all is seen or a step fails, which then stands in the session.
  asio::awaitable<void> run();

 private:
  using Step = Talk::Result<void>;

  Step go_through();
  Step greet();
  Step say_hello();
  Step start_tls_if_offered();
  Step shake_hands();
  Step try_recipients();
  Step try_pipelined(Trial trial);
  Step try_one(Trial trial);
  Step authenticate();
  Step exchange_secrets(std::string mechanism);
  Step send_message();
  Step send_body();
  Step quit();
  /// Adds what MAIL and RCPT would be.
  [[nodiscard]] std::vector<Trial> trials() const;
  [[nodiscard]] std::string sender() const;
  void begin(Stage stage) { session_->stage = stage; }

  Session* session_;
  const Options* options_;
  const Clock* clock_;
  std::string domain_;
  std::shared_ptr<io::net::TlsContext> context_;
  std::unique_ptr<CertificateWitness> witness_;
  Talk talk_;
};

}  // namespace veredus::work::probe
