#pragma once

namespace veredus::base::observe {
class Metrics;
}

namespace veredus::io::net {

class Reactors;

/// Notes twenty times a second how late each reactor comes to what is due: the length of what its sessions do in one
/// go, and how long the system lets it wait for a processor. Histogram veredus_reactor_lag_seconds. Goes on as long as
/// the reactors; `metrics` must outlive them.
void watch_lag(Reactors& reactors, base::observe::Metrics& metrics);

}  // namespace veredus::io::net
