// Neighbourhoods laid out as the rows of a matrix, so that a convolution becomes a matrix product.
#include "internal.h"

LOOP_MULTIVERSION
void loop_im2col(float *columns, size_t column_stride, const float *x, size_t height, size_t width, size_t side,
               size_t stride, size_t pad_top, size_t pad_left, size_t out_width, size_t first_row, size_t rows) {
    for (size_t ky = 0; ky < side; ky++) {
        for (size_t kx = 0; kx < side; kx++) {
            float *target = columns + (ky * side + kx) * column_stride;
            // Output columns first ..< last read inside the picture: 0 <= ox * stride + kx - pad_left < width.
            size_t first = kx < pad_left ? (pad_left - kx + stride - 1) / stride : 0;
            if (first > out_width) first = out_width;
            size_t last = width + pad_left > kx ? (width + pad_left - kx + stride - 1) / stride : 0;
            if (last > out_width) last = out_width;
            if (last < first) last = first;
            for (size_t r = 0; r < rows; r++, target += out_width) {
                size_t shifted = (first_row + r) * stride + ky;
                if (shifted < pad_top || shifted - pad_top >= height) {
                    memset(target, 0, out_width * sizeof(float));
                    continue;
                }
                const float *row = x + (shifted - pad_top) * width;
                if (first > 0) memset(target, 0, first * sizeof(float));
                if (last > first) {
                    const float *source = row + (first * stride + kx - pad_left);
                    if (stride == 1)
                        memcpy(target + first, source, (last - first) * sizeof(float));
                    else if (stride == 2) // known, it becomes shuffles of vectors
                        for (size_t i = 0; i < last - first; i++) target[first + i] = source[i * 2];
                    else
                        for (size_t i = 0; i < last - first; i++) target[first + i] = source[i * stride];
                }
                if (out_width > last) memset(target + last, 0, (out_width - last) * sizeof(float));
            }
        }
    }
}
