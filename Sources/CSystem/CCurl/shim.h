// libcurl (package libcurl4-openssl-dev).
#ifndef FIDEDIFF_CCURL_SHIM_H
#define FIDEDIFF_CCURL_SHIM_H
#include <curl/curl.h>
#endif
