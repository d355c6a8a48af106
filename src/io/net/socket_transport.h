#pragma once

#include <memory>

#include "io/net/endpoint.h"
#include "io/net/reactor.h"
#include "io/net/transport.h"
#include "io/net/unique_fd.h"

namespace veredus::io::net {

/// A connected, non-blocking TCP or UNIX stream socket as a Transport, on `reactor`, which must outlive it.
std::unique_ptr<Transport> make_socket_transport(Reactor& reactor, UniqueFd socket, Endpoint peer, Endpoint local);

}  // namespace veredus::io::net
