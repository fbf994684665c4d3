import Engine
import Foundation
import Testing

@Suite struct ConversionTests {
    /// All 65,536 half-precision numbers, at an odd address, against the language's own type.
    @Test func everyHalfIsExact() {
        var bytes = Data([0])
        for bits in UInt16.min...UInt16.max { withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) } }
        let values = Ops.decoded(bytes.dropFirst(), as: .f16, shape: [65_536]).values
        for bits in UInt16.min...UInt16.max {
            let value = values[Int(bits)], expected = Self.half(bits)
            #expect(value.bitPattern == expected.bitPattern || value.isNaN && expected.isNaN, "half \(bits)")
        }
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
        var seen = Set([Ops.fingerprint(of: bytes, seed: 0), Ops.fingerprint(of: bytes, seed: 1), Ops.fingerprint(of: bytes + [0], seed: 0)])
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            seen.insert(Ops.fingerprint(of: changed, seed: 0))
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
