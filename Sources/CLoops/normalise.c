// Normalisation: over a group of whole planes, and over the channels of each position.
#include "internal.h"

// Sums are taken in blocks with float lanes inside a block and double between blocks, so that the error does not grow
// with the size of the picture.
enum { BLOCK = 4096 };

LOOP_MULTIVERSION
void loop_mean_variance(const float *const *planes, size_t count, size_t n, float *mean, float *variance) {
    double total = 0.0, all = (double)count * (double)n;
    for (size_t c = 0; c < count; c++) {
        for (size_t start = 0; start < n; start += BLOCK) {
#pragma clang fp reassociate(on)
            size_t end = start + BLOCK < n ? start + BLOCK : n;
            float sum = 0.0f;
            for (size_t i = start; i < end; i++) sum += planes[c][i];
            total += (double)sum;
        }
    }
    float m = (float)(total / all);
    total = 0.0;
    for (size_t c = 0; c < count; c++) {
        for (size_t start = 0; start < n; start += BLOCK) {
#pragma clang fp reassociate(on)
            size_t end = start + BLOCK < n ? start + BLOCK : n;
            float sum = 0.0f;
            for (size_t i = start; i < end; i++) sum += (planes[c][i] - m) * (planes[c][i] - m);
            total += (double)sum;
        }
    }
    *mean = m;
    *variance = (float)(total / all);
}

LOOP_MULTIVERSION
void loop_scale_shift(float *out, const float *x, size_t n, float scale, float shift, int activation) {
    if (activation == LOOP_SILU) {
        for (size_t i = 0; i < n; i++) out[i] = loop_silu(scale * x[i] + shift);
    } else {
        for (size_t i = 0; i < n; i++) out[i] = loop_activate(scale * x[i] + shift, activation);
    }
}

LOOP_MULTIVERSION
void loop_pixel_norm(float *out, size_t out_stride, const float *const *x, size_t first, size_t channels, size_t positions,
                   const float *weight, const float *bias, float epsilon, int activation) {
    float mean[LOOP_STRIP], factor[LOOP_STRIP];
    for (size_t p = 0; p < positions; p++) mean[p] = factor[p] = 0.0f;
    for (size_t c = 0; c < channels; c++) {
        const float *row = x[c] + first, *later = x[c + 2 < channels ? c + 2 : c] + first;
        for (size_t p = 0; p < positions; p += 16) __builtin_prefetch(later + p); // a channel's row is too short for the processor to foresee the next
        for (size_t p = 0; p < positions; p++) mean[p] += row[p];
    }
    float share = 1.0f / (float)channels;
    for (size_t p = 0; p < positions; p++) mean[p] *= share;
    for (size_t c = 0; c < channels; c++) {
        const float *row = x[c] + first;
        for (size_t p = 0; p < positions; p++) {
            float d = row[p] - mean[p];
            factor[p] += d * d;
        }
    }
    for (size_t p = 0; p < positions; p++) factor[p] = 1.0f / __builtin_sqrtf(factor[p] * share + epsilon);
    for (size_t c = 0; c < channels; c++) {
        const float *row = x[c] + first;
        float *target = out + c * out_stride;
        float w = weight[c], b = bias[c];
        if (activation == LOOP_SILU) {
            for (size_t p = 0; p < positions; p++) target[p] = loop_silu((row[p] - mean[p]) * factor[p] * w + b);
        } else {
            for (size_t p = 0; p < positions; p++)
                target[p] = loop_activate((row[p] - mean[p]) * factor[p] * w + b, activation);
        }
    }
}
