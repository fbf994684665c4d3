import Engine
import Foundation
import Testing

/// Numbers that are the same in every run.
struct Numbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    /// Uniform in -1...1 (a linear congruential generator's upper bits).
    mutating func next() -> Float {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }

    mutating func tensor(_ shape: [Int], scale: Float = 1) -> Tensor {
        Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { _ in next() * scale })
    }
}

/// Shapes equal, and the norm of the difference at most `tolerance` times the reference's.
func expectClose(
    _ value: Tensor, _ reference: Tensor, tolerance: Double = 2e-6, _ label: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value.shape == reference.shape, "\(label)", sourceLocation: sourceLocation)
    guard value.shape == reference.shape else { return }
    var difference = 0.0, norm = 0.0
    for (v, r) in zip(value.values, reference.values) {
        difference += (Double(v) - Double(r)) * (Double(v) - Double(r))
        norm += Double(r) * Double(r)
    }
    let relative = difference == 0 ? 0 : (difference / max(norm, 1e-30)).squareRoot()
    #expect(relative <= tolerance, "\(label): relative difference \(relative)", sourceLocation: sourceLocation)
}
