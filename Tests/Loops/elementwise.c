#include "check.h"

static const size_t lengths[] = {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 65, 127, 200, 1027};

static void activations(size_t n, float *x) {
    for (int activation = LOOP_IDENTITY; activation <= LOOP_SILU; activation++) {
        float *y = copy(x, n), bias = 0.3f;
        at("loop_bias_activation %d, n = %zu", activation, n);
        loop_bias_activation(y, n, bias, activation);
        for (size_t i = 0; i < n; i++) {
            float shifted = x[i] + bias;
            if (activation == LOOP_SILU)
                near(y[i], (sum){activated(shifted, LOOP_SILU), fabs(shifted)}, 4);
            else
                same(y[i], activation == LOOP_RELU && shifted < 0.0f ? 0.0f : shifted);
        }
    }
}

static void exact(size_t n, const float *x, const float *y) {
    float *added = copy(x, n), *multiplied = copy(x, n), *clamped = copy(x, n);
    at("loop_add, loop_multiply, loop_clamp, n = %zu", n);
    loop_add(added, y, n);
    loop_multiply(multiplied, y, n);
    loop_clamp(clamped, n, -0.75f, 0.5f);
    for (size_t i = 0; i < n; i++) {
        same(added[i], x[i] + y[i]);
        same(multiplied[i], x[i] * y[i]);
        same(clamped[i], x[i] < -0.75f ? -0.75f : x[i] > 0.5f ? 0.5f : x[i]);
    }
}

static void gates(size_t n, const float *x, const float *gate) {
    float *y = copy(x, n);
    at("loop_gate, n = %zu", n);
    loop_gate(y, gate, n);
    for (size_t i = 0; i < n; i++) {
        double g = gate[i], product = x[i] * (g * 0.5 * erfc(-g * sqrt(0.5)));
        // A product beyond the largest float is infinite.
        near(y[i], (sum){(double)(float)product, fabs((double)x[i] * g)}, 8);
    }
}

// out apart from both, the first and the second of them.
static void mixtures(size_t n, const float *x, const float *y) {
    float *weights = numbers(n), *affine = copy(x, n), *weighted = copy(x, n);
    at("loop_affine, loop_add_weighted, n = %zu", n);
    loop_affine(affine, n, 1.7f, -0.4f);
    loop_add_weighted(weighted, y, weights, 0.6f, n);
    for (size_t i = 0; i < n; i++) {
        sum a = {0}, w = {0};
        add(&a, (double)1.7f * x[i]), add(&a, -(double)0.4f);
        add(&w, x[i]), add(&w, (double)0.6f * weights[i] * y[i]);
        near(affine[i], a, 2);
        near(weighted[i], w, 3);
    }
    for (int aliased = 0; aliased < 3; aliased++) {
        float *left = copy(x, n), *right = copy(y, n), *out = aliased == 0 ? numbers(n) : aliased == 1 ? left : right;
        at("loop_mix %d, n = %zu", aliased, n);
        loop_mix(out, left, 0.8f, right, -1.3f, n);
        for (size_t i = 0; i < n; i++) {
            sum m = {0};
            add(&m, (double)0.8f * x[i]), add(&m, (double)-1.3f * y[i]);
            near(out[i], m, 3);
        }
    }
}

static void finiteness(size_t n) {
    static const float faults[] = {INFINITY, -INFINITY, NAN}, harmless[] = {3.4028234e38f, 1e-40f, -0.0f};
    float *x = numbers(n);
    at("loop_all_finite, n = %zu", n);
    for (size_t i = 0; i < n; i++) {
        float before = x[i];
        x[i] = harmless[i % COUNT(harmless)];
        same_bits((uint64_t)loop_all_finite(x, n), 1);
        x[i] = faults[i % COUNT(faults)];
        same_bits((uint64_t)loop_all_finite(x, n), 0);
        x[i] = before;
    }
    same_bits((uint64_t)loop_all_finite(x, n), 1);
}

void check_elementwise(void) {
    for (size_t k = 0; k < COUNT(lengths); k++) {
        size_t n = lengths[k];
        float *x = extremes(n), *y = extremes(n);
        activations(n, x);
        exact(n, x, y);
        gates(n, x, y);
        mixtures(n, numbers(n), numbers(n));
        if (n <= 200) finiteness(n);
        forget();
    }
}
