#include "check.h"

enum { QUERIES = LOOP_BLOCK_COLUMNS };

// Some chunks of keys after each other, as attention has them; the state between them is the loop's own.
static void online(size_t keys, size_t channels, float scale, float spread) {
    float *top = numbers(QUERIES), *total = numbers(QUERIES), *out = numbers(channels * QUERIES);
    for (size_t q = 0; q < QUERIES; q++) top[q] = LOOP_LOWEST, total[q] = 0.0f;
    for (int chunk = 0; chunk < 3; chunk++) {
        float *scores = numbers(keys * QUERIES);
        for (size_t i = 0; i < keys * QUERIES; i++) scores[i] *= spread;
        float *given = copy(scores, keys * QUERIES), *top_before = copy(top, QUERIES), *total_before = copy(total, QUERIES);
        float *out_before = copy(out, channels * QUERIES);
        at("loop_online_softmax, chunk %d, %zu keys, %zu channels, scale %g", chunk, keys, channels, (double)scale);
        loop_online_softmax(scores, keys, scale, top, total, out, channels);
        for (size_t q = 0; q < QUERIES; q++) {
            float greatest = top_before[q];
            for (size_t k = 0; k < keys; k++) greatest = fmaxf(greatest, given[k * QUERIES + q]);
            same(top[q], greatest);
            double before = exp((double)scale * ((double)top_before[q] - greatest));
            sum all = {0};
            add(&all, total_before[q] * before);
            for (size_t k = 0; k < keys; k++) {
                double e = exp((double)scale * ((double)given[k * QUERIES + q] - greatest));
                near(scores[k * QUERIES + q], (sum){e, 1.0}, 4);
                add(&all, e);
            }
            near(total[q], all, 16);
            for (size_t c = 0; c < channels; c++) {
                double was = out_before[c * QUERIES + q];
                near(out[c * QUERIES + q], (sum){was * before, fabs(was)}, 4);
            }
        }
    }
    forget();
}

// A fault in one score is to be seen in its own and the total, and nowhere else.
static void online_faults(float fault) {
    enum { KEYS = 5, CHANNELS = 2, AT = 2 * QUERIES + 19 };
    float *scores = numbers(KEYS * QUERIES), *top = numbers(QUERIES), *total = numbers(QUERIES), *out = numbers(CHANNELS * QUERIES);
    for (size_t q = 0; q < QUERIES; q++) top[q] = LOOP_LOWEST, total[q] = 0.0f;
    scores[AT] = fault;
    at("loop_online_softmax of %g", (double)fault);
    loop_online_softmax(scores, KEYS, 0.5f, top, total, out, CHANNELS);
    for (size_t i = 0; i < KEYS * QUERIES; i++)
        if (i % QUERIES != AT % QUERIES || i == AT) same_bits(isfinite(scores[i]) != 0, i != AT);
    for (size_t q = 0; q < QUERIES; q++) same_bits(isfinite(total[q]) != 0, q != AT % QUERIES);
    forget();
}

static void over_channels(size_t channels, size_t positions, float spread) {
    size_t stride = positions + 3, all = (channels - 1) * stride + positions;
    float *x = numbers(all), *fault = NULL;
    for (size_t i = 0; i < all; i++) x[i] *= spread;
    if (positions > 20) *(fault = x + 20) = NAN;
    float *y = copy(x, all);
    at("loop_softmax_channels, %zu channels, %zu positions, up to %g", channels, positions, (double)spread);
    loop_softmax_channels(y, channels, stride, positions);
    for (size_t p = 0; p < positions; p++) {
        double top = -INFINITY, total = 0.0;
        for (size_t c = 0; c < channels; c++) top = fmax(top, x[c * stride + p]);
        for (size_t c = 0; c < channels; c++) total += exp(x[c * stride + p] - top);
        for (size_t c = 0; c < channels; c++)
            near(y[c * stride + p], (sum){fault == x + p ? NAN : exp(x[c * stride + p] - top) / total, 1.0 / total}, 8);
    }
    for (size_t i = 0; i < all; i++)
        if (i % stride >= positions) same(y[i], x[i]);
    forget();
}

void check_softmax(void) {
    online(1, 1, 1.0f, 3.0f);
    online(8, 3, 0.25f, 20.0f);
    online(61, 8, 0.125f, 100.0f);
    online_faults(NAN);
    online_faults(INFINITY);
    online_faults(-INFINITY);
    static const size_t positions[] = {1, 7, 16, 33, 100, LOOP_STRIP};
    for (size_t k = 0; k < COUNT(positions); k++) {
        over_channels(1, positions[k], 5.0f);
        over_channels(9, positions[k], 5.0f);
        over_channels(25, positions[k], 60.0f);
    }
}
