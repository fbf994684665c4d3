@testable import Engine
import Foundation
import Testing

/// What tells one model from another.
@Suite(.timeLimit(.minutes(60))) struct FingerprintTests {
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
}
