// Softmax over a row (attention) and over the channels of each position (kernel map).
#include "internal.h"

// -INFINITY would need the finite-math exceptions of a vectorised maximum; the lowest float does as a start.
#define LOWEST (-3.402823466e+38f)

CK_MULTIVERSION
void ck_softmax_rows(float *x, size_t rows, size_t columns, float scale) {
    for (size_t r = 0; r < rows; r++) {
#pragma clang fp reassociate(on)
        float *row = x + r * columns;
        // Sixteen running maxima: a single one would be a chain of dependent comparisons.
        float lanes[16];
        for (int l = 0; l < 16; l++) lanes[l] = LOWEST;
        size_t whole = columns / 16 * 16;
        for (size_t i = 0; i < whole; i += 16)
            for (int l = 0; l < 16; l++) lanes[l] = row[i + l] > lanes[l] ? row[i + l] : lanes[l];
        float top = LOWEST;
        for (int l = 0; l < 16; l++) top = lanes[l] > top ? lanes[l] : top;
        for (size_t i = whole; i < columns; i++) top = row[i] > top ? row[i] : top;
        float sum = 0.0f;
        for (size_t i = 0; i < columns; i++) {
            // x - x keeps NaN and infinity visible; see ck_silu.
            float e = ck_exp(scale * (row[i] - top)) + (row[i] - row[i]);
            row[i] = e;
            sum += e;
        }
        float share = 1.0f / sum;
        for (size_t i = 0; i < columns; i++) row[i] *= share;
    }
}

CK_MULTIVERSION
void ck_softmax_channels(float *x, size_t channels, size_t stride, size_t positions) {
    float top[CK_STRIP], sum[CK_STRIP];
    for (size_t p = 0; p < positions; p++) {
        top[p] = x[p];
        sum[p] = 0.0f;
    }
    for (size_t c = 1; c < channels; c++) {
        const float *row = x + c * stride;
        for (size_t p = 0; p < positions; p++) top[p] = row[p] > top[p] ? row[p] : top[p];
    }
    for (size_t c = 0; c < channels; c++) {
        float *row = x + c * stride;
        for (size_t p = 0; p < positions; p++) {
            float e = ck_exp(row[p] - top[p]) + (row[p] - row[p]);
            row[p] = e;
            sum[p] += e;
        }
    }
    for (size_t p = 0; p < positions; p++) sum[p] = 1.0f / sum[p];
    for (size_t c = 0; c < channels; c++) {
        float *row = x + c * stride;
        for (size_t p = 0; p < positions; p++) row[p] *= sum[p];
    }
}
