// Inks to light: four components of a CMYK picture to RGB.
#ifndef FIDEDIFF_INKS_H
#define FIDEDIFF_INKS_H

#include <stddef.h>
#include <stdint.h>

// How a profile of a press (ICC.1) says that its inks look, in sRGB. Used by one thread at a time.
typedef struct inks inks;

// NULL where the profile is none of CMYK, or cannot be used. `inverted`: 255 is no ink, as Adobe writes it.
inks *inks_open(const uint8_t *icc, size_t count, int inverted);
void inks_close(inks *self);

// A row: `self` may be NULL, which means ink on white paper, c * k.
void inks_to_rgb(inks *self, const uint8_t *cmyk, uint8_t *rgb, size_t width, int inverted);

#endif
