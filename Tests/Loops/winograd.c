// The three transformations against their matrices (Lavin and Gray, 2015), and the four loops together against the convolution.
#include "check.h"

enum { TILES = LOOP_BLOCK_COLUMNS, GROUP = LOOP_BLOCK_ROWS, POINTS = LOOP_WINOGRAD_POINTS, GAP = 16 };

// G, B^T and A^T.
static const double G[6][3] = {{1. / 4, 0, 0},             {-1. / 6, -1. / 6, -1. / 6}, {-1. / 6, 1. / 6, -1. / 6},
                               {1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6}, {0, 0, 1}};
static const double B[6][6] = {{4, 0, -5, 0, 1, 0},  {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
                               {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}};
static const double A[4][6] = {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}};

// Element [i][j] of M d M^T, where M has n columns.
static sum both_sides(const double *m, size_t n, double d[n][n], size_t i, size_t j) {
    sum s = {0};
    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++) add(&s, m[i * n + a] * d[a][b] * m[j * n + b]);
    return s;
}

typedef struct {
    size_t inputs, height, width, top, left, bottom, right; // of the picture, then zeros around it
} shape;

static size_t out_height(shape s) { return s.height + s.top + s.bottom - 2; }
static size_t out_width(shape s) { return s.width + s.left + s.right - 2; }
static size_t tile_columns(shape s) { return (out_width(s) + 3) / 4; }
static size_t tiles_of(shape s) { return tile_columns(s) * ((out_height(s) + 3) / 4); }

// x at [c][y - top][i - left].
static double sample(shape s, const float *x, size_t c, size_t y, size_t i) {
    if (y < s.top || y - s.top >= s.height || i < s.left || i - s.left >= s.width) return 0.0;
    return x[(c * s.height + y - s.top) * s.width + i - s.left];
}

static void weights(size_t inputs) {
    size_t distance = inputs * GROUP + GAP;
    float *filters = numbers(inputs * 9 * GROUP), *u = numbers((POINTS - 1) * distance + inputs * GROUP);
    at("loop_winograd_weights, %zu inputs", inputs);
    loop_winograd_weights(u, distance, filters, inputs);
    for (size_t c = 0; c < inputs; c++)
        for (size_t k = 0; k < GROUP; k++) {
            double g[3][3];
            for (size_t i = 0; i < 9; i++) g[i / 3][i % 3] = filters[(c * 9 + i) * GROUP + k];
            for (size_t point = 0; point < POINTS; point++)
                near(u[point * distance + c * GROUP + k], both_sides(G[0], 3, g, point / 6, point % 6), 8);
        }
    forget();
}

static void picture(shape s, size_t first, size_t end) {
    size_t distance = s.inputs * TILES + GAP;
    float *x = numbers(s.inputs * s.height * s.width), *v = numbers((POINTS - 1) * distance + s.inputs * TILES);
    at("loop_winograd_picture, %zu x %zu x %zu, tiles %zu to %zu", s.inputs, s.height, s.width, first, end);
    loop_winograd_picture(v, distance, x, s.inputs, s.height, s.width, s.top, s.left, tile_columns(s), first, end);
    for (size_t c = 0; c < s.inputs; c++)
        for (size_t slot = 0; slot < TILES; slot++) {
            double d[6][6] = {{0}};
            size_t tile = first + slot, row = 4 * (tile / tile_columns(s)), column = 4 * (tile % tile_columns(s));
            for (size_t i = 0; i < 36 && tile < end; i++) d[i / 6][i % 6] = sample(s, x, c, row + i / 6, column + i % 6);
            for (size_t point = 0; point < POINTS; point++)
                near(v[point * distance + c * TILES + slot], both_sides(B[0], 6, d, point / 6, point % 6), 8);
        }
    forget();
}

static float *random_sums(void) { return numbers(POINTS * GROUP * TILES + TILES); }

// Adds 0: nothing, 1: a sum, 2: a bias, 3: both, the sum in place.
static void result(shape s, size_t outputs, size_t first, size_t end, int activation, int adds) {
    size_t height = out_height(s), width = out_width(s), all = outputs * height * width;
    float *m = random_sums(), *bias = adds & 2 ? numbers(outputs) : NULL, *y = numbers(all), *before = copy(y, all);
    float *given = adds == 3 ? y : adds == 1 ? numbers(all) : NULL;
    const float *summand = adds == 3 ? before : given;
    at("loop_winograd_result, %zu x %zu x %zu, tiles %zu to %zu, activation %d, adding %d", outputs, height, width, first, end, activation, adds);
    loop_winograd_result(y, m, outputs, height, width, tile_columns(s), first, end, bias, activation, given);
    for (size_t here = 0; here < all; here++) {
        size_t k = here / (height * width), row = here / width % height, column = here % width, tile = row / 4 * tile_columns(s) + column / 4;
        if (tile < first || tile >= end) {
            same(y[here], before[here]);
            continue;
        }
        double points[6][6];
        for (size_t i = 0; i < POINTS; i++) points[i / 6][i % 6] = m[(i * GROUP + k) * TILES + tile - first];
        sum total = both_sides(A[0], 6, points, row % 4, column % 4);
        if (bias) add(&total, bias[k]);
        if (given) add(&total, summand[here]);
        near(y[here], (sum){activated(total.value, activation), total.size}, 8);
    }
    forget();
}

static void convolution(shape s) {
    size_t weight_distance = s.inputs * GROUP + GAP, tile_distance = s.inputs * TILES + GAP, height = out_height(s), width = out_width(s);
    float *x = numbers(s.inputs * s.height * s.width), *filters = numbers(GROUP * s.inputs * 9), *bias = numbers(GROUP);
    float *laid_out = numbers(GROUP * s.inputs * 9), *u = numbers(POINTS * weight_distance), *v = numbers(POINTS * tile_distance);
    float *m = random_sums(), *y = numbers(GROUP * height * width);
    at("convolution 3x3 of %zu x %zu x %zu", s.inputs, s.height, s.width);
    loop_block_rows(laid_out, filters, s.inputs * 9, GROUP, s.inputs * 9);
    loop_winograd_weights(u, weight_distance, laid_out, s.inputs);
    for (size_t first = 0; first < tiles_of(s); first += TILES) {
        size_t end = first + TILES < tiles_of(s) ? first + TILES : tiles_of(s);
        loop_winograd_picture(v, tile_distance, x, s.inputs, s.height, s.width, s.top, s.left, tile_columns(s), first, end);
        for (size_t point = 0; point < POINTS; point++)
            loop_block_product(loop_block_lanes(), m + point * GROUP * TILES, TILES, GROUP, TILES, u + point * weight_distance, v + point * tile_distance,
                             s.inputs, NULL, NULL);
        loop_winograd_result(y, m, GROUP, height, width, tile_columns(s), first, end, bias, LOOP_IDENTITY, NULL);
    }
    for (size_t here = 0; here < GROUP * height * width; here++) {
        size_t k = here / (height * width), row = here / width % height, column = here % width;
        sum total = {0};
        add(&total, bias[k]);
        for (size_t i = 0; i < s.inputs * 9; i++)
            add(&total, (double)filters[k * s.inputs * 9 + i] * sample(s, x, i / 9, row + i / 3 % 3, column + i % 3));
        near(y[here], total, 200); // the constants reach from 1/24 to 8
    }
    forget();
}

void check_winograd(void) {
    weights(1);
    weights(5);
    static const shape shapes[] = {{1, 3, 3, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1, 1},   {2, 5, 7, 1, 1, 1, 1},   {1, 9, 70, 1, 1, 1, 1},
                                   {3, 6, 141, 0, 1, 1, 0}, {2, 4, 260, 1, 0, 0, 1}, {1, 22, 23, 1, 1, 1, 1}};
    for (size_t k = 0; k < COUNT(shapes); k++) {
        shape s = shapes[k];
        size_t all = tiles_of(s);
        for (size_t first = 0; first < all; first += TILES) {
            size_t end = first + TILES < all ? first + TILES : all;
            picture(s, first, end);
            for (int adds = 0; adds < 4; adds++) result(s, adds % 2 ? GROUP : 3, first, end, adds % 3, adds);
        }
        if (all > 2) picture(s, 1, all < TILES ? all - 1 : TILES);
        convolution(s);
    }
}
