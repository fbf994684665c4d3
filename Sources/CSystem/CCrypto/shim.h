// OpenSSL's libcrypto (package libssl-dev): only what OpenSSL 3 does not call deprecated.
#ifndef FIDEDIFF_CCRYPTO_SHIM_H
#define FIDEDIFF_CCRYPTO_SHIM_H
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#endif
