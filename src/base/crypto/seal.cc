#include "base/crypto/seal.h"

#include <openssl/evp.h>

#include <memory>

#include "base/crypto/random.h"
#include "base/types/free_by.h"
#include "base/types/result.h"

namespace veredus::base::crypto {
namespace {

constexpr std::size_t kNonceOctets = 12;
constexpr std::size_t kTagOctets = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeBy<EVP_CIPHER_CTX_free>>;

const unsigned char* octets_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* octets_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Context begin(const Secret& key, std::string_view nonce, std::string_view context, bool encrypt) {
  VEREDUS_CHECK(key.reveal().size() == kSealKeyOctets);
  Context cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  VEREDUS_CHECK(cipher && EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, octets_of(key.reveal()),
                                            octets_of(nonce), encrypt ? 1 : 0) == 1);
  VEREDUS_CHECK(
      EVP_CipherUpdate(cipher.get(), nullptr, &length, octets_of(context), static_cast<int>(context.size())) == 1);
  return cipher;
}

}  // namespace

std::string seal(const Secret& key, std::string_view octets, std::string_view context) {
  std::string sealed = random_octets(kNonceOctets);
  const auto cipher = begin(key, sealed, context, true);
  std::string text(octets.size() + kTagOctets, '\0');
  int length = 0;
  VEREDUS_CHECK(EVP_EncryptUpdate(cipher.get(), octets_of(text), &length, octets_of(octets),
                                  static_cast<int>(octets.size())) == 1);
  VEREDUS_CHECK(EVP_EncryptFinal_ex(cipher.get(), octets_of(text) + length, &length) == 1);
  VEREDUS_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagOctets, octets_of(text) + octets.size()) ==
                1);
  return sealed.append(text);
}

std::optional<Secret> unseal(const Secret& key, std::string_view sealed, std::string_view context) {
  if (sealed.size() < kSealOverheadOctets) return std::nullopt;
  const auto text = sealed.substr(kNonceOctets, sealed.size() - kSealOverheadOctets);
  std::string tag(sealed.substr(sealed.size() - kTagOctets));
  const auto cipher = begin(key, sealed.substr(0, kNonceOctets), context, false);
  std::string octets(text.size(), '\0');
  int length = 0;
  VEREDUS_CHECK(
      EVP_DecryptUpdate(cipher.get(), octets_of(octets), &length, octets_of(text), static_cast<int>(text.size())) == 1);
  VEREDUS_CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagOctets, tag.data()) == 1);
  Secret opened(std::move(octets));
  int rest = 0;
  unsigned char none[kTagOctets];
  if (EVP_DecryptFinal_ex(cipher.get(), none, &rest) != 1) return std::nullopt;
  return opened;
}

}  // namespace veredus::base::crypto
