import CLoops
import COpenBLAS

/// Single-threaded row-major matrix products by OpenBLAS, over raw memory. Threads are the caller's (see `Parallel`).
enum MatrixProduct {
    /// Once for the process: OpenBLAS takes its best loops, and starts no threads of its own inside ours.
    private static let prepared: Void = {
        loop_prepare_blas()
        openblas_set_num_threads(1)
    }()

    /// c [m, n] = a [m, k] b [k, n], a read transposed where asked; `lda`, `ldb`, `ldc` are the distances of rows as stored.
    static func multiply(
        m: Int, n: Int, k: Int,
        _ a: UnsafePointer<Float>, lda: Int, transposedA: Bool = false,
        _ b: UnsafePointer<Float>, ldb: Int,
        into c: UnsafeMutablePointer<Float>, ldc: Int
    ) {
        _ = prepared
        cblas_sgemm(
            CblasRowMajor, transposedA ? CblasTrans : CblasNoTrans, CblasNoTrans,
            blasint(m), blasint(n), blasint(k), 1, a, blasint(lda), b, blasint(ldb), 0, c, blasint(ldc))
    }
}
