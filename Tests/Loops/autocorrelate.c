#include "check.h"

// x at [y][i]; 0 outside.
static double sample(const float *x, size_t height, size_t width, ptrdiff_t y, ptrdiff_t i) {
    return y < 0 || i < 0 || y >= (ptrdiff_t)height || i >= (ptrdiff_t)width ? 0.0 : x[(size_t)y * width + (size_t)i];
}

static void differences(size_t height, size_t width) {
    size_t n = height * width;
    float *x = numbers(n), *across = room(n * sizeof(float)), *down = room(n * sizeof(float));
    at("loop_forward_differences, %zu x %zu", height, width);
    loop_forward_differences(across, down, x, height, width);
    for (size_t i = 0; i < n; i++) {
        same(across[i], i % width + 1 < width ? x[i + 1] - x[i] : 0.0f);
        same(down[i], i + width < n ? x[i + width] - x[i] : 0.0f);
    }
    forget();
}

// Between -scale and scale; a result may take its argument's place.
static void compression(size_t n, float scale, float knee) {
    float *x = numbers(n), *out = room(n * sizeof(float)), *in_place = copy(x, n);
    at("loop_compress, n = %zu, scale %g, knee %g", n, (double)scale, (double)knee);
    loop_compress(out, x, n, scale, knee);
    loop_compress(in_place, in_place, n, scale, knee);
    for (size_t i = 0; i < n; i++) {
        double value = (double)scale * x[i] / (fabs((double)x[i]) + knee);
        near(out[i], (sum){value, fabs(value)}, 4);
        same(in_place[i], out[i]);
    }
    forget();
}

static void lag_products(size_t rows, size_t columns, size_t cell, ptrdiff_t u, size_t v) {
    size_t height = rows * cell, width = columns * cell;
    float *x = numbers(height * width), *out = numbers(rows * columns), *before = copy(out, rows * columns);
    at("loop_add_lag_products, %zu x %zu cells of %zu, lag %td %zu", rows, columns, cell, u, v);
    loop_add_lag_products(out, x, height, width, u, v, cell);
    for (size_t c = 0; c < rows * columns; c++) {
        sum s = {0};
        add(&s, before[c]);
        for (size_t i = 0; i < cell * cell; i++) {
            ptrdiff_t y = (ptrdiff_t)(c / columns * cell + i / cell), k = (ptrdiff_t)(c % columns * cell + i % cell);
            add(&s, sample(x, height, width, y, k) * sample(x, height, width, y + (ptrdiff_t)v, k + u));
        }
        near(out[c], s, 8);
    }
    forget();
}

static void window_sums(size_t height, size_t width, size_t window) {
    float *x = numbers(height * width), *out = room(height * width * sizeof(float));
    at("loop_window_sums, %zu x %zu, window %zu", height, width, window);
    loop_window_sums(out, x, height, width, window);
    for (size_t here = 0; here < height * width; here++) {
        sum s = {0};
        for (size_t i = 0; i < window * window; i++)
            add(&s, sample(x, height, width, (ptrdiff_t)(here / width + i / window) - (ptrdiff_t)(window / 2),
                           (ptrdiff_t)(here % width + i % window) - (ptrdiff_t)(window / 2)));
        near(out[here], s, 4);
    }
    forget();
}

void check_autocorrelate(void) {
    for (size_t n = 1; n < 70; n++) compression(n, 1.0f + (float)n / 8, 0.01f * (float)n);
    static const size_t sides[][2] = {{1, 1}, {1, 17}, {5, 1}, {3, 16}, {4, 35}};
    for (size_t k = 0; k < COUNT(sides); k++) {
        differences(sides[k][0], sides[k][1]);
        for (size_t window = 1; window <= 9; window += 2) window_sums(sides[k][0], sides[k][1], window);
    }
    static const ptrdiff_t lags[][2] = {{0, 0}, {1, 0}, {-1, 1}, {5, 2}, {-7, 3}, {40, 1}, {-40, 0}, {2000, 0}, {0, 30}};
    for (size_t k = 0; k < COUNT(lags); k++) {
        lag_products(1, 1, 8, lags[k][0], (size_t)lags[k][1]);
        lag_products(2, 3, 16, lags[k][0], (size_t)lags[k][1]);
        lag_products(2, 190, 3, lags[k][0], (size_t)lags[k][1]); // more than a strip of 512
    }
}
