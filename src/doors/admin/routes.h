#pragma once

#include "doors/admin/services.h"
#include "io/http/router.h"

namespace veredus::doors::admin {

/// Every call of the admin API (docs/openapi.yaml), ready for an http::Server on a UNIX socket: whoever may open the
/// socket may do all of it. The services must outlive the router.
[[nodiscard]] io::http::Router routes(Services services);

/// The one page of the metrics listener: GET /metrics, in the Prometheus text format.
[[nodiscard]] io::http::Router metrics_routes(const base::observe::Metrics& metrics);

}  // namespace veredus::doors::admin
