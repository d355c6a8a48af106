#include "work/doorstep/session_figures.h"

namespace veredus::work::doorstep {

namespace {

base::observe::Labels with_result(base::observe::Labels labels, const char* result) {
  labels.emplace_back("result", result);
  return labels;
}

}  // namespace

SessionFigures::SessionFigures(base::observe::Metrics& metrics, const Names& names, const base::observe::Labels& labels)
    : begun(metrics.counter(names.begun, "Sessions begun", labels)),
      open(metrics.gauge(names.open, "Sessions open now", labels)),
      refused(metrics.counter(names.refused, "Sessions refused before their first command", labels)),
      tls_done(metrics.counter(names.tls, "TLS handshakes", with_result(labels, "done"))),
      tls_failed(metrics.counter(names.tls, "TLS handshakes", with_result(labels, "failed"))) {}

}  // namespace veredus::work::doorstep
