@testable import Engine
import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct OpsConversionTests {
    /// All 65,536 half-precision numbers, at an odd address, against the language's own type: by the processor's conversion where it has
    /// one, and in pieces too short for that.
    @Test func everyHalfIsExact() {
        var bytes = Data([0])
        for bits in UInt16.min...UInt16.max { withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) } }
        let whole = Ops.decoded(bytes.dropFirst(), as: .f16, shape: [65_536]).values
        let pieces = stride(from: 1, to: bytes.count, by: 8).flatMap { Ops.decoded(bytes[$0..<($0 + 8)], as: .f16, shape: [4]).values }
        for bits in UInt16.min...UInt16.max {
            let expected = Self.half(bits)
            for value in [whole[Int(bits)], pieces[Int(bits)]] {
                #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN, "half \(bits)")
            }
        }
    }

    @Test func brainFloatsAreTheUpperHalves() {
        var numbers = Numbers(seed: 18)
        let floats = (0..<333).map { _ in Float(bitPattern: numbers.next().bitPattern & 0xffff_0000) } + [.infinity, -0.0, 0]
        var bytes = Data()
        for value in floats { withUnsafeBytes(of: UInt16(value.bitPattern >> 16).littleEndian) { bytes.append(contentsOf: $0) } }
        #expect(Ops.decoded(bytes, as: .bf16, shape: [floats.count]).values.map(\.bitPattern) == floats.map(\.bitPattern))
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
