#pragma once

namespace veredus {

/// Ends what a C library made: `std::unique_ptr<BIO, FreeBy<BIO_free_all>>`.
template <auto Function>
struct FreeBy {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};

}  // namespace veredus
