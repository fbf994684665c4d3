// How a picture's gradients repeat themselves.
#include <math.h>

#include "internal.h"

LOOP_MULTIVERSION
void loop_forward_differences(float *restrict across, float *restrict down, const float *restrict x, size_t height, size_t width) {
    for (size_t y = 0; y < height; y++) {
        const float *row = x + y * width;
        for (size_t i = 0; i + 1 < width; i++) across[y * width + i] = row[i + 1] - row[i];
        across[y * width + width - 1] = 0.0f;
        if (y + 1 < height)
            for (size_t i = 0; i < width; i++) down[y * width + i] = row[width + i] - row[i];
        else
            memset(down + y * width, 0, width * sizeof(float));
    }
}

LOOP_MULTIVERSION
void loop_compress(float *out, const float *x, size_t n, float scale, float knee) {
    for (size_t i = 0; i < n; i++) out[i] = scale * x[i] / (fabsf(x[i]) + knee);
}

LOOP_MULTIVERSION
void loop_add_lag_products(float *out, const float *x, size_t height, size_t width, ptrdiff_t u, size_t v, size_t n) {
    float sums[LOOP_STRIP];
    size_t cells = width / n, strip = LOOP_STRIP / n * n;
    // Columns whose partner lies inside the picture.
    size_t first = u < 0 ? (size_t)-u : 0, last = u > 0 ? (width > (size_t)u ? width - (size_t)u : 0) : width;
    for (size_t top = 0; top + n <= height; top += n, out += cells) {
        for (size_t left = 0; left < width; left += strip) {
            size_t end = left + strip < width ? left + strip : width;
            size_t from = first > left ? first : left, to = last < end ? last : end;
            for (size_t i = 0; i < end - left; i++) sums[i] = 0.0f;
            for (size_t y = top; y < top + n && y + v < height && from < to; y++) {
                const float *row = x + y * width + from, *partner = x + (y + v) * width + (size_t)((ptrdiff_t)from + u);
                float *target = sums + (from - left);
                for (size_t i = 0; i < to - from; i++) target[i] += row[i] * partner[i];
            }
            for (size_t cell = 0; cell < (end - left) / n; cell++) {
                float sum = 0.0f;
                for (size_t i = 0; i < n; i++) sum += sums[cell * n + i];
                out[left / n + cell] += sum;
            }
        }
    }
}

LOOP_MULTIVERSION
void loop_window_sums(float *restrict out, const float *restrict x, size_t height, size_t width, size_t window) {
    size_t reach = window / 2;
    memset(out, 0, height * width * sizeof(float));
    for (size_t y = 0; y < height; y++) {
        size_t top = y > reach ? y - reach : 0, bottom = y + reach < height ? y + reach : height - 1;
        float *target = out + y * width;
        for (size_t row = top; row <= bottom; row++)
            for (size_t shift = 0; shift < window; shift++) {
                // target[i] takes x[row][i + shift - reach] where that lies inside.
                size_t from = shift < reach ? reach - shift : 0, to = shift > reach ? width - (shift - reach < width ? shift - reach : width) : width;
                for (size_t i = from; i < to; i++) target[i] += x[row * width + i + shift - reach];
            }
    }
}
