#pragma once

namespace veredus {

/// One visitor out of several lambdas, for std::visit.
template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace veredus
