// Little CMS 2 (package liblcms2-dev).
#ifndef FIDEDIFF_CLCMS_SHIM_H
#define FIDEDIFF_CLCMS_SHIM_H
#include <lcms2.h>
#endif
