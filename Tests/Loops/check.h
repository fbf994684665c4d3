// What the checks of the loops share: numbers, arrays whose ends are watched, and comparisons.
#ifndef CHECK_H
#define CHECK_H

#include "loops.h"
#include <math.h>
#include <stdbool.h>
#include <string.h>

/// What comes next, as printf: the loop and its sizes.
void at(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// A sum in double precision, and that of its terms' absolute values, which is what errors of rounding are relative to.
typedef struct {
    double value, size;
} sum;

static inline void add(sum *s, double term) {
    s->value += term;
    s->size += fabs(term);
}

/// At most `limit` times 2^-24, half the distance between floats near 1, times the size away; where the reference is not finite, not finite either.
void near(double value, sum reference, double limit);
/// Every bit the same, or both not a number.
void same(float value, float reference);
void same_bits(uint64_t value, uint64_t reference);

/// Bytes that end where a page begins which nobody may touch; whoever writes before them is found by `forget`.
void *room(size_t bytes);
/// Random numbers in -1...1.
float *numbers(size_t n);
/// The same with zeros of both signs, subnormals, the largest floats, infinities and NaN among them.
float *extremes(size_t n);
float *copy(const float *x, size_t n);
uint32_t random_bits(void);
/// Gives all of these back.
void forget(void);

/// As Activation in Engine/Ops, from the definitions.
double activated(double x, int activation);

void check_elementwise(void);
void check_normalise(void);
void check_softmax(void);
void check_product(void);
void check_winograd(void);
void check_resample(void);
void check_autocorrelate(void);
void check_convert(void);

#define COUNT(array) (sizeof(array) / sizeof *(array))

#endif
