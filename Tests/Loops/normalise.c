#include "check.h"

// Values around `mean`; 5000 is more than one of the blocks in which loop_mean_variance adds.
static void moments(size_t count, size_t n, float offset) {
    float *planes[4];
    sum mean = {0}, variance = {0};
    for (size_t c = 0; c < count; c++) {
        planes[c] = numbers(n);
        for (size_t i = 0; i < n; i++) {
            planes[c][i] += offset;
            add(&mean, (double)planes[c][i] / (double)(count * n));
        }
    }
    float found[2];
    at("loop_mean_variance, %zu planes of %zu around %g", count, n, (double)offset);
    loop_mean_variance((const float *const *)planes, count, n, found, found + 1);
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < n; i++) add(&variance, (planes[c][i] - mean.value) * (planes[c][i] - mean.value) / (double)(count * n));
    // The mean's own error: it comes squared into the variance, and doubled with what the deviations from it do not cancel.
    variance.size += fabs(mean.value) * sqrt(variance.value) * 0.25;
    near(found[0], mean, 8);
    near(found[1], variance, 16);
    forget();
}

static void scale_shift(size_t n) {
    float *x = numbers(n);
    for (int activation = LOOP_IDENTITY; activation <= LOOP_SILU; activation++) {
        float *out = room(n * sizeof(float)), scale = 3.1f, shift = -0.6f;
        at("loop_scale_shift %d, n = %zu", activation, n);
        loop_scale_shift(out, x, n, scale, shift, activation);
        for (size_t i = 0; i < n; i++) {
            sum s = {0};
            add(&s, (double)scale * x[i]), add(&s, shift);
            near(out[i], (sum){activated(s.value, activation), s.size}, 4);
        }
    }
    forget();
}

static void pixel_norm(size_t channels, size_t positions) {
    enum { GAP = 5, FIRST = 3 };
    float *x[40], *weight = numbers(channels), *bias = numbers(channels), epsilon = 1e-5f;
    size_t stride = positions + GAP;
    for (size_t c = 0; c < channels; c++) x[c] = numbers(FIRST + positions);
    for (int activation = LOOP_IDENTITY; activation <= LOOP_SILU; activation++) {
        size_t all = (channels - 1) * stride + positions;
        float *out = numbers(all), *before = copy(out, all);
        at("loop_pixel_norm %d, %zu channels, %zu positions", activation, channels, positions);
        loop_pixel_norm(out, stride, (const float *const *)x, FIRST, channels, positions, weight, bias, epsilon, activation);
        for (size_t p = 0; p < positions; p++) {
            sum mean = {0}, variance = {0};
            for (size_t c = 0; c < channels; c++) add(&mean, (double)x[c][FIRST + p] / (double)channels);
            for (size_t c = 0; c < channels; c++) add(&variance, pow(x[c][FIRST + p] - mean.value, 2.0) / (double)channels);
            double factor = 1.0 / sqrt(variance.value + (double)epsilon);
            for (size_t c = 0; c < channels; c++) {
                double value = (x[c][FIRST + p] - mean.value) * factor * weight[c] + bias[c];
                double size = (fabs((double)x[c][FIRST + p]) + mean.size) * factor * fabs((double)weight[c]) + fabs((double)bias[c]);
                near(out[c * stride + p], (sum){activated(value, activation), size}, 8);
            }
        }
        for (size_t i = 0; i < all; i++)
            if (i % stride >= positions) same(out[i], before[i]);
    }
    forget();
}

void check_normalise(void) {
    static const size_t lengths[] = {1, 2, 15, 16, 17, 100, 4095, 4096, 4097, 5000};
    for (size_t k = 0; k < COUNT(lengths); k++) {
        moments(1 + k % 4, lengths[k], 0.0f);
        moments(1 + k % 4, lengths[k], 10.0f);
    }
    for (size_t n = 0; n <= 70; n += 7) scale_shift(n);
    static const size_t positions[] = {1, 3, 16, 17, 45, LOOP_STRIP};
    for (size_t k = 0; k < COUNT(positions); k++) {
        pixel_norm(1, positions[k]);
        pixel_norm(5, positions[k]);
    }
    pixel_norm(37, 33);
}
