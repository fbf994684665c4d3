// Convolution 3x3 at stride 1 by Winograd's minimal filtering F(4x4, 3x3): a 4x4 tile of the result from 6x6 of the picture takes 36
// multiplications in place of 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015; points 0, 1, -1, 2, -2, infinity).
//
// Y = A^T [ (G g G^T) . (B^T d B) ] A, summed over the inputs before A. Tiles are numbered row by row; a block is 32 of them
// and lies innermost, so that every step runs over whole vectors. The sums of each point are products of blocks (product.c).
#include "internal.h"

enum { TILES = LOOP_BLOCK_COLUMNS, OUTPUTS = LOOP_BLOCK_ROWS, POINTS = LOOP_WINOGRAD_POINTS };

// ---- weights ---------------------------------------------------------------------------------

typedef float filters_of_group __attribute__((vector_size(OUTPUTS * sizeof(float)), aligned(4)));

// G g for a column of three, `step` apart.
LOOP_INLINE void filter_side(filters_of_group o[6], const filters_of_group *g, size_t step) {
    filters_of_group g0 = g[0], g1 = g[step], g2 = g[2 * step], e = g0 + g2, f = g0 + 4.0f * g2;
    o[0] = 0.25f * g0;
    o[1] = (e + g1) * (-1.0f / 6.0f);
    o[2] = (e - g1) * (-1.0f / 6.0f);
    o[3] = (f + 2.0f * g1) * (1.0f / 24.0f);
    o[4] = (f - 2.0f * g1) * (1.0f / 24.0f);
    o[5] = g2;
}

LOOP_MULTIVERSION
void loop_winograd_weights(float *u, size_t distance, const float *filters, size_t inputs) {
    for (size_t c = 0; c < inputs; c++, u += OUTPUTS) {
        const filters_of_group *g = (const filters_of_group *)filters + 9 * c;
        filters_of_group t[3][6], o[6];
        for (size_t j = 0; j < 3; j++) filter_side(t[j], g + j, 3);
        for (size_t i = 0; i < 6; i++) {
            filter_side(o, t[0] + i, 6);
            for (size_t j = 0; j < 6; j++) *(filters_of_group *)(u + (6 * i + j) * distance) = o[j];
        }
    }
}

// ---- picture ---------------------------------------------------------------------------------

// B^T d for a column of six vectors.
LOOP_INLINE void picture_side(vector o[6], vector d0, vector d1, vector d2, vector d3, vector d4, vector d5) {
    vector p = d4 - 4.0f * d2, q = d3 - 4.0f * d1, r = d4 - d2, s = 2.0f * (d3 - d1);
    o[0] = 4.0f * d0 - 5.0f * d2 + d4;
    o[1] = p + q;
    o[2] = p - q;
    o[3] = r + s;
    o[4] = r - s;
    o[5] = 4.0f * d1 - 5.0f * d3 + d5;
}

// 64 samples a row into four vectors of every fourth, beginning with samples 0, 1, 2 and 3.
LOOP_INLINE void deal(vector phase[4], const float *x) {
    vector a = LOAD(x), b = LOAD(x + LANES), c = LOAD(x + 2 * LANES), d = LOAD(x + 3 * LANES);
#define PHASE(k)                                                                                                       \
    phase[k] = __builtin_shufflevector(                                                                                \
        __builtin_shufflevector(a, b, k, k + 4, k + 8, k + 12, k + 16, k + 20, k + 24, k + 28, -1, -1, -1, -1, -1, -1, -1, -1), \
        __builtin_shufflevector(c, d, k, k + 4, k + 8, k + 12, k + 16, k + 20, k + 24, k + 28, -1, -1, -1, -1, -1, -1, -1, -1), \
        0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
    PHASE(0);
    PHASE(1);
    PHASE(2);
    PHASE(3);
#undef PHASE
}

enum { ROW = 4 * TILES + 2 * LANES }; // 4 * TILES + 2 samples are needed, whole vectors are read

// B^T d B of `tiles` neighbouring tiles (whole vectors of them) whose six rows begin at `rows`; point i of tile n goes to out[i * stride + n].
// Samples before `first` and from `last` on lie outside of the picture and count as zero, whatever stands there.
LOOP_INLINE void picture_tiles(float *out, size_t stride, const float *const rows[6], size_t tiles, size_t first, size_t last) {
    float t[6][ROW];
    for (size_t x = 0; x < 4 * tiles + LANES; x += LANES) {
        vector o[6];
        picture_side(o, LOAD(rows[0] + x), LOAD(rows[1] + x), LOAD(rows[2] + x), LOAD(rows[3] + x), LOAD(rows[4] + x), LOAD(rows[5] + x));
        for (size_t i = 0; i < 6; i++) STORE(t[i] + x, o[i]);
    }
    for (size_t i = 0; i < 6; i++) {
        for (size_t x = 0; x < first; x++) t[i][x] = 0.0f;
        for (size_t x = last; x < ROW; x++) t[i][x] = 0.0f;
    }
    for (size_t i = 0; i < 6; i++) {
        for (size_t n = 0; n < tiles; n += LANES) {
            vector here[4], next[4], o[6];
            deal(here, t[i] + 4 * n);
            // The fifth and sixth sample of a tile are the first two of the tile to its right.
            float right[2] = {t[i][4 * (n + LANES)], t[i][4 * (n + LANES) + 1]};
            for (size_t k = 0; k < 2; k++) {
                vector last = {right[k]};
                next[k] = __builtin_shufflevector(here[k], last, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
            }
            picture_side(o, here[0], here[1], here[2], here[3], next[0], next[1]);
            for (size_t j = 0; j < 6; j++) STORE(out + (6 * i + j) * stride + n, o[j]);
        }
    }
}

// Neighbouring tiles of one row of tiles that follow each other in a block.
struct run {
    size_t row, column, count;
};

LOOP_INLINE struct run run_at(size_t tile, size_t end, size_t tile_columns) {
    struct run run = {tile / tile_columns, tile % tile_columns, end - tile};
    if (run.count > tile_columns - run.column) run.count = tile_columns - run.column;
    return run;
}

LOOP_WIDE
void loop_winograd_picture(float *v, size_t distance, const float *x, size_t inputs, size_t height, size_t width, size_t pad_top, size_t pad_left,
                         size_t tile_columns, size_t first_tile, size_t end_tile) {
    static const float outside[ROW];
    const float *end = x + inputs * height * width;
    float copied[6][ROW], dealt[POINTS * TILES];
    for (size_t c = 0; c < inputs; c++) {
        const float *plane = x + c * height * width;
        float *target = v + c * TILES;
        for (size_t tile = first_tile; tile < end_tile;) {
            struct run run = run_at(tile, end_tile, tile_columns);
            const float *rows[6];
            ptrdiff_t left = (ptrdiff_t)(4 * run.column) - (ptrdiff_t)pad_left;
            size_t first = left < 0 ? (size_t)-left : 0, last = (size_t)((ptrdiff_t)width - left);
            if (last > ROW) last = ROW;
            for (ptrdiff_t i = 0; i < 6; i++) {
                ptrdiff_t y = (ptrdiff_t)(4 * run.row) + i - (ptrdiff_t)pad_top;
                if (y < 0 || y >= (ptrdiff_t)height) {
                    rows[i] = outside;
                    continue;
                }
                // Whole vectors are read, over the ends of a row into its neighbours; at the ends of the array there are none.
                ptrdiff_t offset = (ptrdiff_t)(c * height * width) + y * (ptrdiff_t)width + left;
                if (offset >= 0 && ROW <= end - (x + offset)) {
                    rows[i] = x + offset;
                } else {
                    memcpy(copied[i] + first, plane + y * (ptrdiff_t)width + left + (ptrdiff_t)first, (last - first) * sizeof(float));
                    rows[i] = copied[i];
                }
            }
            // Vectors may reach beyond the run: what they leave there the next run or the filling below overwrites.
            size_t slot = tile - first_tile, whole = (run.count + LANES - 1) / LANES * LANES;
            if (slot + whole <= TILES) {
                picture_tiles(target + slot, distance, rows, run.count, first, last);
            } else {
                picture_tiles(dealt, TILES, rows, run.count, first, last);
                for (size_t point = 0; point < POINTS; point++)
                    memcpy(target + slot + point * distance, dealt + point * TILES, run.count * sizeof(float));
            }
            tile += run.count;
        }
        for (size_t slot = end_tile - first_tile; slot < TILES; slot++) // the last block may be short
            for (size_t point = 0; point < POINTS; point++) target[point * distance + slot] = 0.0f;
    }
}

// ---- result ----------------------------------------------------------------------------------

// A^T m for a column of six vectors.
LOOP_INLINE void result_side(vector o[4], vector m0, vector m1, vector m2, vector m3, vector m4, vector m5) {
    vector p = m1 + m2, q = m1 - m2, r = m3 + m4, s = m3 - m4;
    o[0] = m0 + p + r;
    o[1] = q + 2.0f * s;
    o[2] = p + 4.0f * r;
    o[3] = q + 8.0f * s + m5;
}

// The inverse of `deal`.
LOOP_INLINE void gather(float *x, const vector phase[4]) {
    vector even[2], odd[2], all[4];
    IN_TURN(even, phase[0], phase[2]);
    IN_TURN(odd, phase[1], phase[3]);
    in_turn(all, even, odd, 2);
    for (size_t i = 0; i < 4; i++) STORE(x + i * LANES, all[i]);
}

// A^T m A of `tiles` neighbouring tiles (whole vectors of them): four rows of 4 * tiles samples.
LOOP_INLINE void result_tiles(float y[4][4 * TILES], const float *m, size_t tiles) {
    enum { STRIDE = OUTPUTS * TILES };
    for (size_t n = 0; n < tiles; n += LANES, m += LANES) {
        vector t[6][4];
        for (size_t j = 0; j < 6; j++)
            result_side(t[j], LOAD(m + j * STRIDE), LOAD(m + (6 + j) * STRIDE), LOAD(m + (12 + j) * STRIDE), LOAD(m + (18 + j) * STRIDE),
                        LOAD(m + (24 + j) * STRIDE), LOAD(m + (30 + j) * STRIDE));
        for (size_t i = 0; i < 4; i++) {
            vector o[4];
            result_side(o, t[0][i], t[1][i], t[2][i], t[3][i], t[4][i], t[5][i]);
            gather(y[i] + 4 * n, o);
        }
    }
}

LOOP_WIDE
void loop_winograd_result(float *y, const float *m, size_t outputs, size_t height, size_t width, size_t tile_columns, size_t first_tile,
                        size_t end_tile, const float *bias, int activation, const float *sum) {
    float rows[4][4 * TILES];
    for (size_t k = 0; k < outputs; k++) {
        for (size_t tile = first_tile; tile < end_tile;) {
            struct run run = run_at(tile, end_tile, tile_columns);
            result_tiles(rows, m + k * TILES + (tile - first_tile), run.count);
            size_t left = 4 * run.column, count = width - left < 4 * run.count ? width - left : 4 * run.count;
            for (size_t i = 0; i < 4 && 4 * run.row + i < height; i++) {
                size_t place = (k * height + 4 * run.row + i) * width + left;
                const float *row = rows[i];
                float shift = bias ? bias[k] : 0.0f;
                if (sum)
                    for (size_t n = 0; n < count; n++) y[place + n] = loop_activate(sum[place + n] + row[n] + shift, activation);
                else
                    for (size_t n = 0; n < count; n++) y[place + n] = loop_activate(row[n] + shift, activation);
            }
            tile += run.count;
        }
    }
}
