// Functions of one element at a time.
#include "internal.h"

LOOP_MULTIVERSION
void loop_bias_activation(float *x, size_t n, float bias, int activation) {
    switch (activation) {
    case LOOP_RELU:
        for (size_t i = 0; i < n; i++) x[i] = loop_activate(x[i] + bias, LOOP_RELU);
        break;
    case LOOP_SILU:
        for (size_t i = 0; i < n; i++) x[i] = loop_activate(x[i] + bias, LOOP_SILU);
        break;
    default:
        for (size_t i = 0; i < n; i++) x[i] += bias;
    }
}

LOOP_MULTIVERSION
void loop_add(float *restrict x, const float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] += y[i];
}

LOOP_MULTIVERSION
void loop_multiply(float *restrict x, const float *restrict y, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] *= y[i];
}

LOOP_MULTIVERSION
void loop_mix(float *out, const float *x, float a, const float *y, float b, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] = a * x[i] + b * y[i];
}

LOOP_MULTIVERSION
void loop_affine(float *x, size_t n, float scale, float shift) {
    for (size_t i = 0; i < n; i++) x[i] = scale * x[i] + shift;
}

LOOP_MULTIVERSION
void loop_clamp(float *x, size_t n, float low, float high) {
    for (size_t i = 0; i < n; i++) {
        float v = x[i];
        v = v < low ? low : v;
        x[i] = v > high ? high : v;
    }
}

// The complementary error function by Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: absolute error
// below 1.5e-7, about one unit in the last place of the numbers near 1 that it is added to.
LOOP_INLINE float gelu(float x) {
    float a = x < 0.0f ? -x : x;
    float u = a * 0.70710678118654752f;
    float t = 1.0f / (1.0f + 0.3275911f * u);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float tail = 0.5f * p * t * loop_exp(-u * u); // 1 - Phi(a)
    return x * (x < 0.0f ? tail : 1.0f - tail) + (x - x);
}

LOOP_MULTIVERSION
void loop_gate(float *restrict x, const float *restrict gate, size_t n) {
    for (size_t i = 0; i < n; i++) x[i] *= gelu(gate[i]);
}

LOOP_MULTIVERSION
void loop_add_weighted(float *restrict out, const float *restrict x, const float *restrict weights, float weight, size_t n) {
    for (size_t i = 0; i < n; i++) out[i] += weight * weights[i] * x[i];
}

LOOP_MULTIVERSION
int loop_all_finite(const float *x, size_t n) {
    uint32_t faults = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        faults |= (uint32_t)((bits & 0x7f800000u) == 0x7f800000u); // exponent of infinity and NaN
    }
    return faults == 0;
}
