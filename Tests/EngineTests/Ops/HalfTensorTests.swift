@testable import Engine
import Foundation
import Testing

/// Arrays kept in half precision.
@Suite(.timeLimit(.minutes(60))) struct HalfTensorTests {
    /// Every half comes back, and what lies between two goes to the nearer one, to the even one from the middle.
    @Test func halvesAreRoundedToTheNearest() {
        let finite = (UInt16(0)..<0x7c00).map(Self.half)
        let tensor = Tensor(shape: [finite.count], values: finite)
        #expect(HalfTensor(tensor).tensor.values.map(\.bitPattern) == finite.map(\.bitPattern))
        for sign in [Float(1), -1] {
            let middles = zip(finite, finite.dropFirst()).map { sign * ($0 + $1) / 2 }
            let even = finite.indices.dropLast().map { sign * finite[$0 % 2 == 0 ? $0 : $0 + 1] }
            #expect(HalfTensor(Tensor(shape: [middles.count], values: middles)).tensor.values.map(\.bitPattern) == even.map(\.bitPattern))
            let above = middles.map { $0 * (1 + 0x1p-20) }, upper = finite.dropFirst().map { sign * $0 }
            #expect(HalfTensor(Tensor(shape: [above.count], values: above)).tensor.values == upper)
        }
        let special: [Float] = [.infinity, -.infinity, 65_519.9, 65_520, -1e30, 1e-30, -0.0]
        let back = HalfTensor(Tensor(shape: [special.count], values: special)).tensor.values
        #expect(back == [.infinity, -.infinity, 65_504, .infinity, -.infinity, 0, -0.0])
        #expect(HalfTensor(Tensor(shape: [1], values: [.nan])).tensor.values[0].isNaN)
    }

    /// IEEE 754 binary16 from its definition.
    private static func half(_ bits: UInt16) -> Float {
        let sign: Float = bits >> 15 == 0 ? 1 : -1, exponent = Int(bits >> 10 & 31), fraction = Float(bits & 1023) / 1024
        switch exponent {
        case 0: return sign * fraction * Float(sign: .plus, exponent: -14, significand: 1)
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
        }
    }
}
