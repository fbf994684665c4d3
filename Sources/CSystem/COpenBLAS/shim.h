// OpenBLAS's own cblas.h: besides cblas_sgemm it declares openblas_set_num_threads.
#include <cblas.h>
