// libjpeg (package libjpeg-dev). jpeglib.h uses FILE and size_t without declaring them.
#ifndef FIDEDIFF_CJPEG_SHIM_H
#define FIDEDIFF_CJPEG_SHIM_H
#include <stddef.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>
#endif
