// Shared by the loops: run-time choice of instruction set, and the exponential that vectorises.
#ifndef CLOOPS_INTERNAL_H
#define CLOOPS_INTERNAL_H

#include "loops.h"
#include <string.h>

// The compiler makes three clones of a function so marked, and the loader picks one (GNU ifunc). Other processors get
// the baseline, which on AArch64 already has its vector unit. So do sanitizers, whose checks cannot run where the loader picks.
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LOOP_MULTIVERSION
#elif defined(__x86_64__) && defined(__linux__)
#define LOOP_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LOOP_MULTIVERSION
#endif

// Vectors as GCC and Clang spell them, for what neither finds by itself; processors without AVX-512 take them in pieces.
enum { LANES = 16 };
typedef float vector __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));
#define LOAD(p) (*(const vector *)(p))
#define STORE(p, x) (*(vector *)(p) = (x))

#if defined(__clang__)
// A vector argument has no fixed place without AVX-512; every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#endif

// With vectors of 512 bits, which LLVM avoids by itself.
#if defined(__x86_64__) && defined(__clang__)
#define LOOP_WIDE LOOP_MULTIVERSION __attribute__((min_vector_width(512)))
#else
#define LOOP_WIDE LOOP_MULTIVERSION
#endif

#define LOOP_INLINE static inline __attribute__((always_inline))

// a0 b0 a1 b1 ... : the first and the second half of two vectors' samples in turn.
#define IN_TURN(o, a, b)                                                                                          \
    do {                                                                                                          \
        (o)[0] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);            \
        (o)[1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);      \
    } while (0)

// Two lists of vectors in turn, from end to end.
LOOP_INLINE void in_turn(vector *o, const vector *a, const vector *b, size_t n) {
    for (size_t i = 0; i < n; i++) IN_TURN(o + 2 * i, a[i], b[i]);
}

// exp(x): x = n ln 2 + r with |r| <= ln 2 / 2, then a Taylor polynomial of degree 7 in r (remainder below 6e-9) and 2^n
// put together from its bits. Arguments are limited to where the result is a normal float.
LOOP_INLINE float loop_exp(float x) {
    x = x > 88.0f ? 88.0f : x;
    x = x < -87.0f ? -87.0f : x;
    // Adding and taking away 1.5 * 2^23 rounds to the nearest integer without a call that would stop vectorisation.
    const float rounder = 12582912.0f;
    float n = (x * 1.44269504088896341f + rounder) - rounder;
    // ln 2 in two parts, the first with few enough bits that n times it is exact.
    float r = (x - n * 0.693359375f) + n * 2.12194440054690583e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// The limits above would turn NaN into a number; x - x is 0 for every finite x and NaN otherwise, so adding it keeps faults visible.
LOOP_INLINE float loop_silu(float x) { return x / (1.0f + loop_exp(-x)) + (x - x); }

LOOP_INLINE float loop_activate(float x, int activation) {
    switch (activation) {
    case LOOP_RELU: return x < 0.0f ? 0.0f : x;
    case LOOP_SILU: return loop_silu(x);
    default: return x;
    }
}

#endif
