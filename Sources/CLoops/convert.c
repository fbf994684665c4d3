// Numbers on disk to numbers in memory.
#include "internal.h"

#if defined(__x86_64__) && defined(__clang__)
// By the processor's own conversion, whole vectors of them. Returns how many were converted.
#define FROM_F16(NAME, TARGET, WIDTH)                                                                                       \
    __attribute__((target(TARGET))) static size_t NAME(float *restrict out, const uint8_t *restrict bytes, size_t n) {      \
        typedef _Float16 halves __attribute__((vector_size(2 * WIDTH)));                                                    \
        typedef float floats __attribute__((vector_size(4 * WIDTH), aligned(4)));                                           \
        size_t i = 0;                                                                                                       \
        for (; i + WIDTH <= n; i += WIDTH) {                                                                                \
            halves h;                                                                                                       \
            memcpy(&h, bytes + 2 * i, sizeof h);                                                                            \
            *(floats *)(out + i) = __builtin_convertvector(h, floats);                                                      \
        }                                                                                                                   \
        return i;                                                                                                           \
    }
FROM_F16(from_f16_by_16, "avx512f", 16)
FROM_F16(from_f16_by_8, "avx,f16c", 8)
#endif

LOOP_MULTIVERSION
void loop_from_f16(float *restrict out, const uint8_t *restrict bytes, size_t n) {
    size_t i = 0;
#if defined(__x86_64__) && defined(__clang__)
    if (__builtin_cpu_supports("avx512f")) i = from_f16_by_16(out, bytes, n);
    else if (__builtin_cpu_supports("f16c")) i = from_f16_by_8(out, bytes, n);
#endif
    for (; i < n; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        // Exponent and fraction moved to binary32's places make the value times 2^-112, for subnormals too; infinity and NaN,
        // whose exponent is all ones, must get binary32's all ones instead.
        uint32_t bits = (uint32_t)(half & 0x7fffu) << 13;
        float value;
        memcpy(&value, &bits, sizeof value);
        value *= 0x1p112f;
        uint32_t scaled;
        memcpy(&scaled, &value, sizeof scaled);
        scaled |= (half & 0x7c00u) == 0x7c00u ? 0x7f800000u : 0u;
        scaled |= (uint32_t)(half & 0x8000u) << 16;
        memcpy(out + i, &scaled, sizeof scaled);
    }
}

LOOP_MULTIVERSION
void loop_to_f16(uint16_t *restrict out, const float *restrict x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
        // Normal: the exponent moves by 112, and the 13 bits that go round to nearest, ties to even.
        uint32_t normal = (magnitude - (112u << 23) + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
        // Below 2^-14: adding 1/2 shifts the bits to where binary16's subnormals have them, rounded by the addition.
        float value;
        memcpy(&value, &magnitude, sizeof value);
        value += 0.5f;
        uint32_t subnormal;
        memcpy(&subnormal, &value, sizeof subnormal);
        subnormal -= 0x3f000000u;
        uint32_t large = magnitude > 0x7f800000u ? 0x7e00u : 0x7c00u; // not a number, or infinity
        uint32_t half = magnitude < 0x38800000u ? subnormal : magnitude < 0x477ff000u ? normal : large;
        out[i] = (uint16_t)(sign | half);
    }
}

LOOP_MULTIVERSION
void loop_from_bf16(float *restrict out, const uint8_t *restrict bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        memcpy(&half, bytes + 2 * i, sizeof half);
        uint32_t bits = (uint32_t)half << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}

void loop_prefetch(const uint8_t *bytes, size_t n) {
    for (size_t i = 0; i < n; i += 64) __builtin_prefetch(bytes + i, 0, 2);
}

// One multiplication and one rotation a word, in four independent lanes so that gigabytes of weights are read at the speed of memory.
uint64_t loop_fingerprint(uint64_t seed, const uint8_t *bytes, size_t n) {
    const uint64_t odd = 0x9e3779b97f4a7c15u; // 2^64 / golden ratio
    uint64_t lanes[4] = {seed + 1, seed ^ odd, seed + 2 * odd, ~seed};
    size_t i = 0;
    for (; i + 32 <= n; i += 32)
        for (int l = 0; l < 4; l++) {
            uint64_t word;
            memcpy(&word, bytes + i + 8 * (size_t)l, sizeof word);
            lanes[l] = (lanes[l] ^ word) * odd;
            lanes[l] = lanes[l] << 29 | lanes[l] >> 35;
        }
    for (; i < n; i++) lanes[i & 3] = (lanes[i & 3] ^ bytes[i]) * odd + 1;
    uint64_t hash = n;
    for (int l = 0; l < 4; l++) {
        hash = (hash ^ lanes[l]) * odd;
        hash ^= hash >> 32;
    }
    return hash;
}
