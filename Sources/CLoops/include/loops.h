// The hot loops that are not matrix products. All arrays are float32 and channel-major (C, H, W);
// none of these functions allocates, and none uses threads: the caller splits the work.
// Each is compiled for AVX-512, AVX2 and the baseline, and the loader picks one at run time.
#ifndef CLOOPS_H
#define CLOOPS_H

#include <stddef.h>
#include <stdint.h>

// ---- elementwise.c ---------------------------------------------------------------------------

enum { LOOP_IDENTITY = 0, LOOP_RELU = 1, LOOP_SILU = 2 };

/// x[i] = activation(x[i] + bias)
void loop_bias_activation(float *x, size_t n, float bias, int activation);
/// x[i] += y[i]
void loop_add(float *x, const float *y, size_t n);
/// x[i] *= y[i]
void loop_multiply(float *x, const float *y, size_t n);
/// out[i] = a * x[i] + b * y[i]; out may be x or y
void loop_mix(float *out, const float *x, float a, const float *y, float b, size_t n);
/// x[i] = scale * x[i] + shift
void loop_affine(float *x, size_t n, float scale, float shift);
/// x[i] limited to low...high; NaN stays NaN
void loop_clamp(float *x, size_t n, float low, float high);
/// x[i] *= gelu(gate[i]), gelu(x) = x * Phi(x) with the exact normal distribution Phi
void loop_gate(float *x, const float *gate, size_t n);
/// out[i] += weight * weights[i] * x[i]
void loop_add_weighted(float *out, const float *x, const float *weights, float weight, size_t n);
/// 1 when no element is infinite or NaN
int loop_all_finite(const float *x, size_t n);

// ---- normalise.c -----------------------------------------------------------------------------

/// Mean and population variance of `count` planes of n elements together (two passes).
void loop_mean_variance(const float *const *planes, size_t count, size_t n, float *mean, float *variance);
/// out[i] = activation(scale * x[i] + shift)
void loop_scale_shift(float *out, const float *x, size_t n, float scale, float shift, int activation);
/// Normalises each of `positions` columns over its channels:
/// out[c][p] = activation((x[c][first + p] - mean_p) / sqrt(variance_p + epsilon) * weight[c] + bias[c]).
/// Channels of the result lie `out_stride` apart. positions <= LOOP_STRIP.
enum { LOOP_STRIP = 512 };
void loop_pixel_norm(float *out, size_t out_stride, const float *const *x, size_t first, size_t channels, size_t positions,
                   const float *weight, const float *bias, float epsilon, int activation);

// ---- softmax.c -------------------------------------------------------------------------------

/// Less than every score. -INFINITY would need the finite-math exceptions of a vectorised maximum.
#define LOOP_LOWEST (-3.402823466e+38f)
/// One step of a softmax whose keys come by and by (Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018), of 32 queries.
/// scores [keys][32] become exp(scale * (score - top)), where top is the greatest score so far; total, their sum so far, and out [channels][32], the
/// values' sum so far, are brought to the new top. At first top is LOOP_LOWEST, total 0 and out finite.
void loop_online_softmax(float *scores, size_t keys, float scale, float *top, float *total, float *out, size_t channels);
/// Each of `positions` columns becomes its softmax over the channels, which lie `stride` apart. positions <= LOOP_STRIP.
void loop_softmax_channels(float *x, size_t channels, size_t stride, size_t positions);

// ---- im2col.c --------------------------------------------------------------------------------

/// The neighbourhoods of one channel x [height][width], zero outside, for output rows first_row ..< first_row + rows:
/// columns[(ky * side + kx) * column_stride + (row - first_row) * out_width + ox].
void loop_im2col(float *columns, size_t column_stride, const float *x, size_t height, size_t width, size_t side,
               size_t stride, size_t pad_top, size_t pad_left, size_t out_width, size_t first_row, size_t rows);

// ---- product.c -------------------------------------------------------------------------------
// Blocks of 32 columns v [depth][32] and groups of 8 rows u [depth][8]: a product's factors in the order in which it reads them.

enum { LOOP_BLOCK_COLUMNS = 32, LOOP_BLOCK_ROWS = 8 };
/// Blocks of b [depth][count], whose rows lie `distance` apart, each block `block_distance` floats behind the last; the last is filled up with zeros.
void loop_block_columns(float *v, const float *b, size_t distance, size_t depth, size_t block_distance, size_t count);
/// One group of a [rows][depth], whose rows lie `distance` apart; rows <= 8, the others are zero.
void loop_block_rows(float *u, const float *a, size_t distance, size_t rows, size_t depth);
/// Groups of a' [depth][count], which is to be transposed: rows `distance` apart, each group `group_distance` floats behind the last.
void loop_block_transposed_rows(float *u, const float *a, size_t distance, size_t depth, size_t group_distance, size_t count);
/// Floats of the longest vectors that this processor multiplies: 4, 8 or 16.
size_t loop_block_lanes(void);
/// By vectors of at most loop_block_lanes(): out = u^T v + sum + bias, its first `rows` and `columns`; rows of both lie `distance` apart. sum may be
/// out, or NULL for zeros, and so may bias, which has a value for each row.
void loop_block_product(size_t lanes, float *out, size_t distance, size_t rows, size_t columns, const float *u, const float *v, size_t depth,
                      const float *sum, const float *bias);
/// The same of any number of rows and columns: groups of rows lie `group_distance` apart in u, blocks of columns `block_distance` in v.
void loop_block_products(size_t lanes, float *out, size_t distance, size_t rows, size_t columns, const float *u, size_t group_distance,
                       const float *v, size_t block_distance, size_t depth, const float *sum, const float *bias);

// ---- winograd.c ------------------------------------------------------------------------------
// Convolution 3x3 at stride 1, F(4x4, 3x3). Tiles of 4x4 of the result are numbered row by row, `tile_columns` in a row.

enum { LOOP_WINOGRAD_POINTS = 36 };
// Points lie `distance` floats apart; at multiples of 4 KiB all of them would fall into the same few places of the first cache.
/// u [36][inputs][8] of a group of 8 filters [inputs][3][3][8], as loop_block_rows lays them out.
void loop_winograd_weights(float *u, size_t distance, const float *filters, size_t inputs);
/// v [36][inputs][32] of tiles first_tile ..< end_tile (at most 32, the others become zero) of x [inputs][height][width], zero outside.
void loop_winograd_picture(float *v, size_t distance, const float *x, size_t inputs, size_t height, size_t width, size_t pad_top, size_t pad_left,
                         size_t tile_columns, size_t first_tile, size_t end_tile);
/// Tiles first_tile ..< end_tile of y [outputs][height][width] from m [36][8][32], and 32 floats of slack behind it; outputs <= 8.
/// y = activation(result + bias + sum); bias may be NULL, and so may sum, which has y's shape.
void loop_winograd_result(float *y, const float *m, size_t outputs, size_t height, size_t width, size_t tile_columns, size_t first_tile,
                        size_t end_tile, const float *bias, int activation, const float *sum);

// ---- resample.c ------------------------------------------------------------------------------

/// out [r*r][height/r][width/r] of one channel x [height][width]: out[dy*r + dx][y][x] = x[y*r + dy][x*r + dx]
void loop_pixel_unshuffle(float *out, const float *x, size_t height, size_t width, size_t r);
/// The inverse: out [height*r][width*r] of x [r*r][height][width]
void loop_pixel_shuffle(float *out, const float *x, size_t height, size_t width, size_t r);
/// out [2*n], each sample twice
void loop_repeat_twice(float *out, const float *x, size_t n);
/// out [2*height][2*width]: cubic convolution with a = -0.75, half-pixel centres, edge samples repeated
void loop_bicubic_x2(float *out, const float *x, size_t height, size_t width);
/// out [height/r][width/r]: means of r x r squares
void loop_mean_pool(float *out, const float *x, size_t height, size_t width, size_t r);
/// out [height*r][width*r]: each sample r x r times
void loop_repeat(float *out, const float *x, size_t height, size_t width, size_t r);
/// Sum of the rectangle rows x columns of a plane whose rows lie `stride` apart
double loop_rectangle_sum(const float *x, size_t stride, size_t rows, size_t columns);

// ---- autocorrelate.c -------------------------------------------------------------------------

/// across and down [height][width]: differences to the right and the lower neighbour of x, 0 at the last column and row
void loop_forward_differences(float *across, float *down, const float *x, size_t height, size_t width);
/// out [n]: scale * x / (|x| + knee); may be x
void loop_compress(float *out, const float *x, size_t n, float scale, float knee);
/// out [height/n][width/n] += sums over n x n cells of x[y][x] * x[y + v][x + u], 0 outside; n <= LOOP_STRIP, v >= 0
void loop_add_lag_products(float *out, const float *x, size_t height, size_t width, ptrdiff_t u, size_t v, size_t n);
/// out [height][width]: sums over the window x window square around each element, 0 outside; window is odd
void loop_window_sums(float *out, const float *x, size_t height, size_t width, size_t window);

// ---- convert.c -------------------------------------------------------------------------------

/// IEEE 754 binary16, little-endian, any alignment, to binary32 (exact)
void loop_from_f16(float *out, const uint8_t *bytes, size_t n);
/// The nearest binary16, ties to even; infinity beyond 65504
void loop_to_f16(uint16_t *out, const float *x, size_t n);
/// bfloat16, little-endian, any alignment, to binary32 (exact)
void loop_from_bf16(float *out, const uint8_t *bytes, size_t n);
/// Has n bytes brought into the second cache, where the page they lie on is mapped; they are not touched.
void loop_prefetch(const uint8_t *bytes, size_t n);
/// 64-bit fingerprint (not cryptographic) of bytes, continuing from `seed`
uint64_t loop_fingerprint(uint64_t seed, const uint8_t *bytes, size_t n);

// For the whole process, which has one heap for all threads from its start: freed memory is kept for the next array, up to 1 GiB, and given
// back when asked for. Nothing happens without glibc.
void loop_keep_freed_memory(void);
void loop_give_back_freed_memory(void);

// ---- blas.c ----------------------------------------------------------------------------------

/// Call once, before the first matrix product: lets OpenBLAS use AVX2 or AVX-512 on processors that it is too old to know.
void loop_prepare_blas(void);

// ---- waiting ---------------------------------------------------------------------------------

/// For a loop that waits: lets the core's other thread run and saves power, for some 50 to 150 cycles.
static inline void loop_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

#endif
