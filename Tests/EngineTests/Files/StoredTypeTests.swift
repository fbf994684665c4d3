import Testing
@testable import Engine

/// How numbers are stored.
@Suite(.timeLimit(.minutes(60))) struct StoredTypeTests {
    @Test func everyTypeIsDecodedFromAnyAddress() {
        // 1, -2 and 0.5 in each.
        for (type, bytes) in [
            (StoredType.f32, [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F]), (.f16, [0, 0x3C, 0, 0xC0, 0, 0x38]),
            (.bf16, [0x80, 0x3F, 0, 0xC0, 0, 0x3F]),
        ] as [(StoredType, [UInt8])] {
            #expect(bytes.count == 3 * type.bytes)
            for shift in 0..<4 {
                let moved = [UInt8](repeating: 7, count: shift) + bytes
                let values = [Float](unsafeUninitializedCapacity: 3) { target, count in
                    moved.withUnsafeBufferPointer { source in
                        guard let from = source.baseAddress, let to = target.baseAddress else { return }
                        type.decode(3, at: from + shift, into: to)
                    }
                    count = 3
                }
                #expect(values == [1, -2, 0.5], "\(type) at \(shift)")
            }
        }
        #expect(StoredType(rawValue: "I8") == nil)
    }
}
