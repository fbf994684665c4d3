// Softmax over the keys as they come (attention) and over the channels of each position (kernel map).
#include "internal.h"

LOOP_WIDE
void loop_online_softmax(float *scores, size_t keys, float scale, float *top, float *total, float *out, size_t channels) {
    enum { QUERIES = LOOP_BLOCK_COLUMNS };
    // Of its own, which nothing else can point to, so that the compiler keeps them in vectors.
    float greatest[QUERIES], sum[QUERIES], before[QUERIES];
    memcpy(greatest, top, sizeof greatest);
    for (size_t k = 0; k < keys; k++)
        for (size_t q = 0; q < QUERIES; q++) {
            float score = scores[k * QUERIES + q];
            greatest[q] = score > greatest[q] ? score : greatest[q];
        }
    for (size_t q = 0; q < QUERIES; q++) {
        before[q] = loop_exp(scale * (top[q] - greatest[q]));
        sum[q] = total[q] * before[q];
    }
    for (size_t c = 0; c < channels; c++)
        for (size_t q = 0; q < QUERIES; q++) out[c * QUERIES + q] *= before[q];
    for (size_t k = 0; k < keys; k++)
        for (size_t q = 0; q < QUERIES; q++) {
            float score = scores[k * QUERIES + q];
            // score - score keeps NaN and infinity visible; see loop_silu.
            float e = loop_exp(scale * (score - greatest[q])) + (score - score);
            scores[k * QUERIES + q] = e;
            sum[q] += e;
        }
    memcpy(top, greatest, sizeof greatest);
    memcpy(total, sum, sizeof sum);
}

LOOP_MULTIVERSION
void loop_softmax_channels(float *x, size_t channels, size_t stride, size_t positions) {
    float top[LOOP_STRIP], sum[LOOP_STRIP];
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
            float e = loop_exp(row[p] - top[p]) + (row[p] - row[p]);
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
