#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/dkim/canonical_body.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::dkim {

/// Of a header that has more no signature is checked: each looks for its fields among all.
constexpr std::size_t kMostFields = 1'000;

/// One field in canonical form, with its line end. Source: RFC 6376 s3.4.1, s3.4.2.
void append_canonical(std::string& out, const wire::mime::Field& field, Canonical canonical);

/// The fields named in `names` in canonical form, one after the other: of several of one name the last first, each
/// once; those that are not there add nothing. `but`: one of the fields that is passed over, such as the signature that
/// is checked (RFC 6376 s5.4), or nullptr. Source: RFC 6376 s5.4.2.
std::string canonical_fields(const std::vector<wire::mime::Field>& fields, const std::vector<std::string>& names,
                             Canonical canonical, const wire::mime::Field* but);

/// The signature field itself in canonical form: the value of its b= tag taken out, no line end. Source: RFC 6376
/// s3.7.
std::string canonical_signature_field(const wire::mime::Field& field, Canonical canonical);

/// What is signed: SHA-256 over the fields named in `names` and over the signature field itself. Source: RFC 6376 s3.7.
std::string signed_digest(const std::vector<wire::mime::Field>& fields, const std::vector<std::string>& names,
                          const wire::mime::Field& signature, Canonical canonical);

}  // namespace veredus::rules::dkim
