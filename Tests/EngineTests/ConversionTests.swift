@testable import Engine
import Foundation
import Testing

@Suite(.timeLimit(.minutes(60))) struct ConversionTests {
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

    @Test func brainFloatsAreTheUpperHalves() {
        var numbers = Numbers(seed: 18)
        let floats = (0..<333).map { _ in Float(bitPattern: numbers.next().bitPattern & 0xffff_0000) } + [.infinity, -0.0, 0]
        var bytes = Data()
        for value in floats { withUnsafeBytes(of: UInt16(value.bitPattern >> 16).littleEndian) { bytes.append(contentsOf: $0) } }
        #expect(Ops.decoded(bytes, as: .bf16, shape: [floats.count]).values.map(\.bitPattern) == floats.map(\.bitPattern))
    }

    @Test func fingerprintsSeeEveryByteAndTheLength() {
        let bytes = Data((0..<100).map { UInt8($0) })
        var seen = Set([Fingerprint.of(bytes, seed: 0), Fingerprint.of(bytes, seed: 1), Fingerprint.of(bytes + [0], seed: 0)])
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            seen.insert(Fingerprint.of(changed, seed: 0))
        }
        #expect(seen.count == 103)
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
