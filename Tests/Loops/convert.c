#include "check.h"

enum { HALVES = 1 << 16 };

// IEEE 754 binary16 from its definition.
static float half(uint32_t bits) {
    int exponent = bits >> 10 & 31;
    double fraction = (bits & 1023) / 1024.0, sign = bits >> 15 ? -1.0 : 1.0;
    if (exponent == 31) return fraction == 0.0 ? (float)sign * INFINITY : NAN;
    return (float)(sign * ldexp(exponent ? 1.0 + fraction : 2.0 * fraction, exponent - 15));
}

static void put(uint8_t *bytes, uint32_t bits) {
    bytes[0] = (uint8_t)bits;
    bytes[1] = (uint8_t)(bits >> 8);
}

// All of them, in pieces too short for any vector and in all at once, at an odd address.
static void from_halves(void) {
    static const size_t pieces[] = {1, 7, 16, 1021, HALVES};
    uint8_t *bytes = room(2 * HALVES + 1);
    for (uint32_t bits = 0; bits < HALVES; bits++) put(bytes + 1 + 2 * bits, bits);
    for (size_t k = 0; k < COUNT(pieces); k++) {
        float *out = numbers(HALVES);
        size_t step = pieces[k];
        at("loop_from_f16, pieces of %zu", step);
        for (size_t i = 0; i < HALVES; i += step) loop_from_f16(out + i, bytes + 1 + 2 * i, step < HALVES - i ? step : HALVES - i);
        for (uint32_t bits = 0; bits < HALVES; bits++) same(out[bits], half(bits));
    }
    forget();
}

// The nearest half, found in units of the last place that a number of this size has; ties go to the even one, as rint has it.
static uint32_t to_half(float x) {
    uint32_t sign = signbit(x) ? 0x8000 : 0;
    double magnitude = fabs((double)x);
    if (isnan(x)) return sign | 0x7e00;
    if (magnitude >= 65520.0) return sign | 0x7c00;
    int exponent = magnitude < 0x1p-14 ? -14 : ilogb(magnitude);
    // A fraction that rounds up to 2048 carries into the exponent, as it should.
    return sign | (uint32_t)(rint(ldexp(magnitude, 10 - exponent)) + 1024.0 * (exponent + 14));
}

static void to_halves(size_t n, const float *x) {
    uint16_t *out = room(n * sizeof *out);
    at("loop_to_f16, n = %zu", n);
    loop_to_f16(out, x, n);
    for (size_t i = 0; i < n; i++) same_bits(out[i], to_half(x[i]));
}

// Every half, what lies in the middle of it and the next, and that one's neighbours.
static void around_halves(void) {
    enum { FINITE = 0x7c00 };
    float *x = room(8 * FINITE * sizeof(float));
    for (uint32_t bits = 0; bits < FINITE; bits++) {
        float here = half(bits), next = bits + 1 < FINITE ? half(bits + 1) : 65536.0f, middle = (here + next) / 2.0f;
        float four[] = {here, nextafterf(middle, 0.0f), middle, nextafterf(middle, INFINITY)};
        for (size_t i = 0; i < 4; i++) {
            x[8 * bits + i] = four[i];
            x[8 * bits + 4 + i] = -four[i];
        }
    }
    to_halves(8 * FINITE, x);
    forget();
}

static void brains(size_t n) {
    uint8_t *bytes = room(2 * n + 1);
    float *out = room(n * sizeof(float));
    for (size_t i = 0; i < n; i++) put(bytes + 1 + 2 * i, random_bits());
    at("loop_from_bf16, n = %zu", n);
    loop_from_bf16(out, bytes + 1, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = (uint32_t)bytes[1 + 2 * i] << 16 | (uint32_t)bytes[2 + 2 * i] << 24;
        float value;
        memcpy(&value, &bits, sizeof value);
        same(out[i], value);
    }
    forget();
}

// Byte by byte, and what all machines must agree on, since it is kept on disk.
static uint64_t fingerprint(uint64_t seed, const uint8_t *bytes, size_t n) {
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    uint64_t lanes[4] = {seed + 1, seed ^ odd, seed + 2 * odd, ~seed}, word = 0, hash = n;
    for (size_t i = 0; i < n; i++) {
        uint64_t *lane = lanes + (i < n / 32 * 32 ? i / 8 % 4 : i % 4);
        if (i >= n / 32 * 32) {
            *lane = (*lane ^ bytes[i]) * odd + 1;
            continue;
        }
        word |= (uint64_t)bytes[i] << i % 8 * 8;
        if (i % 8 < 7) continue;
        *lane = (*lane ^ word) * odd;
        *lane = *lane << 29 | *lane >> 35;
        word = 0;
    }
    for (int l = 0; l < 4; l++) {
        hash = (hash ^ lanes[l]) * odd;
        hash ^= hash >> 32;
    }
    return hash;
}

void check_convert(void) {
    from_halves();
    around_halves();
    for (size_t n = 0; n <= 70; n++) {
        float *x = extremes(n);
        for (size_t i = 0; i < n; i += 2) {
            uint32_t bits = random_bits();
            memcpy(x + i, &bits, sizeof bits);
        }
        to_halves(n, x);
        brains(n);
    }
    for (size_t n = 0; n <= 130; n++) {
        uint8_t *bytes = room(n);
        for (size_t i = 0; i < n; i++) bytes[i] = (uint8_t)random_bits();
        at("loop_fingerprint, %zu bytes", n);
        same_bits(loop_fingerprint(n, bytes, n), fingerprint(n, bytes, n));
        loop_prefetch(bytes, n);
        forget();
    }
    loop_relax();
}
