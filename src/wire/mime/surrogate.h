#pragma once

#include <string>
#include <string_view>

namespace veredus::wire::mime {

/// A header block with UTF-8 in it (RFC 6532) as a client can read it that knows ASCII alone: the same fields in the
/// same order, those of pure ASCII octet for octet. In the others names and texts become encoded words, addresses that
/// have no ASCII form become invalid ones that tell what stood there, parameters become extended ones (RFC 2231), and a
/// field with none of these forms is left out. What is no UTF-8 is read as mail programs guess it. Always ASCII; with
/// the empty line that ends the block when there is one. Lines that are no field go. Linear time.
/// Source: RFC 6858 s2; domains and parameters keep their meaning where RFC 6857 says how.
std::string surrogate_header(std::string_view block);

}  // namespace veredus::wire::mime
