// libpng 1.6 (package libpng-dev).
#ifndef FIDEDIFF_CPNG_SHIM_H
#define FIDEDIFF_CPNG_SHIM_H
#include <png.h>
#endif
