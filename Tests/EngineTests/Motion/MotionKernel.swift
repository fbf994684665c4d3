/// Kernels of known motion.
enum MotionKernel {
    static let taps = 19

    /// A kernel with its weight spread along a curve, t in -1...1, by bilinear splatting; and the floor that a softmax leaves.
    static func along(floor: Float = 0.00002, _ curve: (Double) -> (x: Double, y: Double)) -> [Float] {
        var kernel = [Float](repeating: floor, count: taps * taps)
        for step in 0...400 {
            let point = curve(Double(step) / 200 - 1), x = point.x + 9, y = point.y + 9
            let (i, j) = (Int(x.rounded(.down)), Int(y.rounded(.down))),
                (fx, fy) = (Float(x - x.rounded(.down)), Float(y - y.rounded(.down)))
            for (u, v, weight) in [(0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)]
            where (0..<taps).contains(i + u) && (0..<taps).contains(j + v) {
                kernel[(j + v) * taps + i + u] += weight / 401
            }
        }
        return kernel
    }
}
