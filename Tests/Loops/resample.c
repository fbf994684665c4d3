// Changes of resolution, and neighbourhoods.
#include "check.h"

static void shuffles(size_t rows, size_t columns, size_t r) {
    size_t height = rows * r + (r > 2), width = columns * r + r / 2, n = rows * columns * r * r; // what is left over at the ends is not read
    float *x = numbers(height * width), *planes = room(n * sizeof(float)), *back = room(n * sizeof(float));
    at("loop_pixel_unshuffle, loop_pixel_shuffle, %zu x %zu by %zu", rows, columns, r);
    loop_pixel_unshuffle(planes, x, height, width, r);
    loop_pixel_shuffle(back, planes, rows, columns, r);
    for (size_t y = 0; y < rows * r; y++)
        for (size_t i = 0; i < columns * r; i++) {
            float value = x[y * width + i];
            same(planes[((y % r * r + i % r) * rows + y / r) * columns + i / r], value);
            same(back[y * columns * r + i], value);
        }
    float *repeated = room(n * sizeof(float)), *few = copy(x, rows * columns);
    at("loop_repeat, %zu x %zu by %zu", rows, columns, r);
    loop_repeat(repeated, few, rows, columns, r);
    for (size_t i = 0; i < n; i++) same(repeated[i], few[i / (columns * r) / r * columns + i % (columns * r) / r]);
    float *pooled = room(rows * columns * sizeof(float));
    at("loop_mean_pool, %zu x %zu by %zu", rows, columns, r);
    loop_mean_pool(pooled, x, height, width, r);
    for (size_t cell = 0; cell < rows * columns; cell++) {
        sum s = {0};
        for (size_t i = 0; i < r * r; i++) add(&s, x[(cell / columns * r + i / r) * width + cell % columns * r + i % r] / (double)(r * r));
        near(pooled[cell], s, 4);
    }
    forget();
}

// Keys' cubic convolution with a = -3/4.
static double cubic(double distance) {
    const double a = -0.75, d = fabs(distance);
    return d <= 1.0 ? ((a + 2.0) * d - (a + 3.0)) * d * d + 1.0 : d < 2.0 ? ((a * d - 5.0 * a) * d + 8.0 * a) * d - 4.0 * a : 0.0;
}

static size_t clamped(ptrdiff_t i, size_t n) { return i < 0 ? 0 : i < (ptrdiff_t)n ? (size_t)i : n - 1; }

static void enlargements(size_t height, size_t width) {
    float *x = numbers(height * width), *twice = room(2 * width * sizeof(float)), *out = room(4 * height * width * sizeof(float));
    at("loop_repeat_twice, n = %zu", width);
    loop_repeat_twice(twice, x, width);
    for (size_t i = 0; i < 2 * width; i++) same(twice[i], x[i / 2]);
    at("loop_bicubic_x2, %zu x %zu", height, width);
    loop_bicubic_x2(out, x, height, width);
    for (size_t y = 0; y < 2 * height; y++)
        for (size_t i = 0; i < 2 * width; i++) {
            double down = ((double)y + 0.5) / 2.0 - 0.5, across = ((double)i + 0.5) / 2.0 - 0.5;
            sum s = {0};
            for (ptrdiff_t a = (ptrdiff_t)floor(down) - 1, j = 0; j < 4; j++)
                for (ptrdiff_t b = (ptrdiff_t)floor(across) - 1, k = 0; k < 4; k++)
                    add(&s, cubic(down - (double)(a + j)) * cubic(across - (double)(b + k)) * x[clamped(a + j, height) * width + clamped(b + k, width)]);
            near(out[y * 2 * width + i], s, 8);
        }
    forget();
}

static void rectangle(size_t rows, size_t columns) {
    size_t stride = columns + 4;
    float *x = numbers(rows ? (rows - 1) * stride + columns : 0);
    sum s = {0};
    for (size_t i = 0; i < rows * columns; i++) add(&s, x[i / columns * stride + i % columns]);
    at("loop_rectangle_sum, %zu x %zu", rows, columns);
    near(loop_rectangle_sum(x, stride, rows, columns), s, 4);
    forget();
}

static void neighbourhoods(size_t height, size_t width, size_t side, size_t stride, size_t top, size_t left, size_t bottom, size_t right) {
    size_t out_height = (height + top + bottom - side) / stride + 1, out_width = (width + left + right - side) / stride + 1;
    size_t first = out_height / 3, rows = out_height - first, column_stride = rows * out_width + 2;
    float *x = numbers(height * width), *columns = numbers(side * side * column_stride);
    at("loop_im2col, %zu x %zu, side %zu, stride %zu", height, width, side, stride);
    loop_im2col(columns, column_stride, x, height, width, side, stride, top, left, out_width, first, rows);
    for (size_t tap = 0; tap < side * side; tap++)
        for (size_t place = 0; place < rows * out_width; place++) {
            size_t y = (first + place / out_width) * stride + tap / side, i = place % out_width * stride + tap % side;
            bool inside = y >= top && y - top < height && i >= left && i - left < width;
            same(columns[tap * column_stride + place], inside ? x[(y - top) * width + i - left] : 0.0f);
        }
    forget();
}

void check_resample(void) {
    static const size_t sides[][2] = {{1, 1}, {1, 2}, {3, 5}, {2, 16}, {5, 33}, {4, 67}};
    for (size_t k = 0; k < COUNT(sides); k++) {
        for (size_t r = 1; r <= 5; r++) shuffles(sides[k][0], sides[k][1], r);
        shuffles(sides[k][0], sides[k][1], 8);
        enlargements(sides[k][0], sides[k][1]);
        rectangle(sides[k][0], sides[k][1]);
        for (size_t side = 1; side <= 5; side += 2)
            for (size_t stride = 1; stride <= 3; stride++)
                neighbourhoods(sides[k][0] + 3, sides[k][1] + 3, side, stride, side / 2, side / 2, side > 1 ? side / 2 + 1 : 0, side / 2);
    }
    neighbourhoods(2, 1, 5, 1, 4, 4, 4, 4); // wider than the picture
    rectangle(0, 7);
    rectangle(3, 2000);
}
