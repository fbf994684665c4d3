// Makes OpenBLAS use the vector unit of processors that are newer than itself.
#include "internal.h"
#include <stdlib.h>

// OpenBLAS chooses its loops by processor model when it is loaded, and takes SSE ones, five times slower, for a model it does not know:
// Debian 12's 0.3.21 does so from Intel's Emerald Rapids on. These three are exported by builds with run-time choice; others lack them.
extern char *openblas_get_corename(void) __attribute__((weak));
extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));

void loop_prepare_blas(void) {
#if defined(__x86_64__)
    static const char *const withoutAVX[] = {"Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Core2", "Penryn",
                                             "Dunnington", "Nehalem", "Atom", "Nano", "Generic"};
    if (!openblas_get_corename || !gotoblas_dynamic_init || !gotoblas_dynamic_quit) return;
    if (getenv("OPENBLAS_CORETYPE")) return; // the user's choice
    __builtin_cpu_init();
    const char *better = NULL;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw"))
        better = "SkylakeX";
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        better = "Haswell";
    if (!better) return;
    for (size_t i = 0; i < sizeof withoutAVX / sizeof *withoutAVX; i++) {
        if (strcmp(openblas_get_corename(), withoutAVX[i]) != 0) continue;
        // What its loading does, once more, with the variable that overrides the detection.
        setenv("OPENBLAS_CORETYPE", better, 1);
        gotoblas_dynamic_quit();
        gotoblas_dynamic_init();
        unsetenv("OPENBLAS_CORETYPE");
        return;
    }
#endif
}
