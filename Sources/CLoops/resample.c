// Changes of resolution of one plane.
#include "internal.h"

LOOP_MULTIVERSION
void loop_pixel_unshuffle(float *restrict out, const float *restrict x, size_t height, size_t width, size_t r) {
    size_t rows = height / r, columns = width / r;
    for (size_t dy = 0; dy < r; dy++)
        for (size_t dx = 0; dx < r; dx++) {
            float *plane = out + (dy * r + dx) * rows * columns;
            for (size_t y = 0; y < rows; y++) {
                const float *row = x + (y * r + dy) * width + dx;
                for (size_t i = 0; i < columns; i++) plane[y * columns + i] = row[i * r];
            }
        }
}

LOOP_MULTIVERSION
void loop_pixel_shuffle(float *restrict out, const float *restrict x, size_t height, size_t width, size_t r) {
    for (size_t y = 0; y < height; y++)
        for (size_t dy = 0; dy < r; dy++) {
            float *row = out + (y * r + dy) * width * r;
            for (size_t dx = 0; dx < r; dx++) {
                const float *plane = x + ((dy * r + dx) * height + y) * width;
                for (size_t i = 0; i < width; i++) row[i * r + dx] = plane[i];
            }
        }
}

LOOP_MULTIVERSION
void loop_repeat_twice(float *restrict out, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) out[2 * i] = out[2 * i + 1] = x[i];
}

// Cubic convolution with a = -0.75 at distances 1.75, 0.75, 0.25, 1.25 from the sample: an even output sample lies a quarter
// of a pixel before its source, an odd one a quarter after it, with the weights mirrored.
static const float cubic[4] = {-0.03515625f, 0.26171875f, 0.87890625f, -0.10546875f};

LOOP_INLINE const float *clamped_row(const float *x, ptrdiff_t y, size_t height, size_t width) {
    if (y < 0) y = 0;
    if (y >= (ptrdiff_t)height) y = (ptrdiff_t)height - 1;
    return x + (size_t)y * width;
}

LOOP_INLINE float column(const float *const rows[4], const float weights[4], size_t i) {
    return rows[0][i] * weights[0] + rows[1][i] * weights[1] + rows[2][i] * weights[2] + rows[3][i] * weights[3];
}

LOOP_MULTIVERSION
void loop_bicubic_x2(float *restrict out, const float *restrict x, size_t height, size_t width) {
    for (size_t oy = 0; oy < 2 * height; oy++) {
        int odd = (int)(oy & 1);
        const float *rows[4];
        float weights[4];
        for (int k = 0; k < 4; k++) {
            rows[k] = clamped_row(x, (ptrdiff_t)(oy / 2) - 2 + odd + k, height, width);
            weights[k] = odd ? cubic[3 - k] : cubic[k];
        }
        float *target = out + oy * 2 * width;
        // A window of five vertically filtered samples v[0...4] = columns i-2 ... i+2 slides along the row.
        float v[5];
        for (int k = 0; k < 5; k++) {
            ptrdiff_t i = k - 2;
            if (i < 0) i = 0;
            if (i >= (ptrdiff_t)width) i = (ptrdiff_t)width - 1;
            v[k] = column(rows, weights, (size_t)i);
        }
        for (size_t i = 0; i < width; i++) {
            target[2 * i] = cubic[0] * v[0] + cubic[1] * v[1] + cubic[2] * v[2] + cubic[3] * v[3];
            target[2 * i + 1] = cubic[3] * v[1] + cubic[2] * v[2] + cubic[1] * v[3] + cubic[0] * v[4];
            size_t next = i + 3 < width ? i + 3 : width - 1;
            v[0] = v[1]; v[1] = v[2]; v[2] = v[3]; v[3] = v[4];
            v[4] = column(rows, weights, next);
        }
    }
}

LOOP_MULTIVERSION
void loop_mean_pool(float *restrict out, const float *restrict x, size_t height, size_t width, size_t r) {
    size_t rows = height / r, columns = width / r;
    float share = 1.0f / (float)(r * r);
    for (size_t y = 0; y < rows; y++)
        for (size_t i = 0; i < columns; i++) {
            float sum = 0.0f;
            for (size_t dy = 0; dy < r; dy++) {
                const float *row = x + (y * r + dy) * width + i * r;
                for (size_t dx = 0; dx < r; dx++) sum += row[dx];
            }
            out[y * columns + i] = sum * share;
        }
}

void loop_repeat(float *restrict out, const float *restrict x, size_t height, size_t width, size_t r) {
    for (size_t y = 0; y < height * r; y++)
        for (size_t i = 0; i < width; i++)
            for (size_t dx = 0; dx < r; dx++) *out++ = x[y / r * width + i];
}

LOOP_MULTIVERSION
double loop_rectangle_sum(const float *x, size_t stride, size_t rows, size_t columns) {
    double total = 0.0;
    for (size_t y = 0; y < rows; y++) {
#pragma clang fp reassociate(on)
        float sum = 0.0f;
        for (size_t i = 0; i < columns; i++) sum += x[y * stride + i];
        total += (double)sum;
    }
    return total;
}
