// Matrix products by blocks: sums of 8 rows by 32 columns stay in registers while both factors pass by. A block of columns is [depth][32], a
// group of rows [depth][8], so that both are read from end to end.
#include "internal.h"

enum { COLUMNS = LOOP_BLOCK_COLUMNS, ROWS = LOOP_BLOCK_ROWS };

// Pieces of `width` of each row, the last filled up with zeros.
LOOP_INLINE void pieces(float *target, size_t width, const float *x, size_t distance, size_t depth, size_t piece_distance, size_t count) {
    for (size_t k = 0; k < depth; k++, x += distance, target += width) {
        float *piece = target;
        size_t n = 0;
        for (; n + width <= count; n += width, piece += piece_distance) memcpy(piece, x + n, width * sizeof(float));
        if (n < count) {
            memcpy(piece, x + n, (count - n) * sizeof(float));
            memset(piece + (count - n), 0, (width - (count - n)) * sizeof(float));
        }
    }
}

void loop_block_columns(float *v, const float *b, size_t distance, size_t depth, size_t block_distance, size_t count) {
    pieces(v, COLUMNS, b, distance, depth, block_distance, count);
}

void loop_block_transposed_rows(float *u, const float *a, size_t distance, size_t depth, size_t group_distance, size_t count) {
    pieces(u, ROWS, a, distance, depth, group_distance, count);
}

LOOP_WIDE
void loop_block_rows(float *u, const float *a, size_t distance, size_t rows, size_t depth) {
    size_t k = 0;
    if (rows == ROWS) {
        for (; k + LANES <= depth; k += LANES) {
            vector r[ROWS], pairs[4][2], even[4], odd[4], all[8];
            for (size_t i = 0; i < ROWS; i++) r[i] = LOAD(a + i * distance + k);
            for (size_t i = 0; i < 4; i++) IN_TURN(pairs[i], r[i], r[i + 4]); // rows 0 4, 1 5, 2 6, 3 7
            in_turn(even, pairs[0], pairs[2], 2);
            in_turn(odd, pairs[1], pairs[3], 2);
            in_turn(all, even, odd, 4);
            for (size_t i = 0; i < 8; i++) STORE(u + k * ROWS + i * LANES, all[i]);
        }
    }
    for (; k < depth; k++)
        for (size_t i = 0; i < ROWS; i++) u[k * ROWS + i] = i < rows ? a[i * distance + k] : 0.0f;
}

// out [ROWS][columns] = u^T v + sum + bias of each row, held in registers HEIGHT x VECTORS vectors at a time.
#define PRODUCT(NAME, ATTRIBUTES, WIDTH, HEIGHT, VECTORS)                                                                                         \
    ATTRIBUTES static void NAME(float *out, size_t distance, size_t columns, const float *u, const float *v, size_t depth, const float *sum,      \
                                const float *bias) {                                                                                              \
        typedef float wide __attribute__((vector_size(WIDTH * sizeof(float)), aligned(4)));                                                       \
        for (size_t row = 0; row < ROWS; row += HEIGHT) {                                                                                         \
            for (size_t column = 0; column < columns; column += WIDTH * VECTORS) {                                                                \
                wide sums[HEIGHT][VECTORS];                                                                                                       \
                size_t first = row * distance + column;                                                                                           \
                for (size_t r = 0; r < HEIGHT; r++)                                                                                               \
                    for (size_t j = 0; j < VECTORS; j++)                                                                                          \
                        sums[r][j] = (sum ? *(const wide *)(sum + first + r * distance + j * WIDTH) : (wide){0}) + (bias ? bias[row + r] : 0.0f); \
                const float *left = u + row, *right = v + column;                                                                                 \
                for (size_t k = 0; k < depth; k++, left += ROWS, right += COLUMNS) {                                                              \
                    wide value[VECTORS];                                                                                                          \
                    for (size_t j = 0; j < VECTORS; j++) value[j] = *(const wide *)(right + j * WIDTH);                                           \
                    for (size_t r = 0; r < HEIGHT; r++)                                                                                           \
                        for (size_t j = 0; j < VECTORS; j++) sums[r][j] += left[r] * value[j];                                                    \
                }                                                                                                                                 \
                for (size_t r = 0; r < HEIGHT; r++)                                                                                               \
                    for (size_t j = 0; j < VECTORS; j++) *(wide *)(out + first + r * distance + j * WIDTH) = sums[r][j];                          \
            }                                                                                                                                     \
        }                                                                                                                                         \
    }

// 16 sums of 16 lanes (8 of half a block), or 8 of 8 with half as many registers, or of 4. AArch64 has the registers for 16 of these too, and its
// cores with four multipliers need as many: each addition waits for the last to its sum, some four cycles.
#if defined(__aarch64__)
PRODUCT(product_of_4, , 4, 8, 2)
#else
PRODUCT(product_of_4, , 4, 4, 2)
#endif
#if defined(__x86_64__)
PRODUCT(product_of_8, __attribute__((target("avx2,fma"))), 8, 4, 2)
PRODUCT(product_of_16, __attribute__((target("avx512f"), min_vector_width(512))), 16, 8, 2)
PRODUCT(half_product_of_16, __attribute__((target("avx512f"), min_vector_width(512))), 16, 8, 1)
#endif

size_t loop_block_lanes(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) return 16;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 8;
#endif
    return 4;
}

typedef void (*product)(float *, size_t, size_t, const float *, const float *, size_t, const float *, const float *);

static product product_for(size_t lanes, size_t columns) {
#if defined(__x86_64__)
    if (lanes == 16) return columns <= COLUMNS / 2 ? half_product_of_16 : product_of_16;
    if (lanes == 8) return product_of_8;
#endif
    return product_of_4;
}

void loop_block_product(size_t lanes, float *out, size_t distance, size_t rows, size_t columns, const float *u, const float *v, size_t depth,
                      const float *sum, const float *bias) {
    size_t whole = columns <= COLUMNS / 2 ? COLUMNS / 2 : COLUMNS;
    product product = product_for(lanes, columns);
    if (rows == ROWS && columns == whole) {
        product(out, distance, columns, u, v, depth, sum, bias);
        return;
    }
    float own[ROWS * COLUMNS];
    product(own, COLUMNS, whole, u, v, depth, NULL, NULL);
    for (size_t r = 0; r < rows; r++)
        for (size_t n = 0; n < columns; n++)
            out[r * distance + n] = (sum ? sum[r * distance + n] : 0.0f) + (bias ? bias[r] : 0.0f) + own[r * COLUMNS + n];
}

LOOP_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

void loop_block_products(size_t lanes, float *out, size_t distance, size_t rows, size_t columns, const float *u, size_t group_distance,
                       const float *v, size_t block_distance, size_t depth, const float *sum, const float *bias) {
    for (size_t n = 0; n < columns; n += COLUMNS, v += block_distance) {
        const float *left = u;
        for (size_t r = 0; r < rows; r += ROWS, left += group_distance) {
            size_t here = r * distance + n;
            loop_block_product(lanes, out + here, distance, least(ROWS, rows - r), least(COLUMNS, columns - n), left, v, depth, sum ? sum + here : NULL,
                             bias ? bias + r : NULL);
        }
    }
}
