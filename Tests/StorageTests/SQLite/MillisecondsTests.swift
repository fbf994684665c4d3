import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct MillisecondsTests {
    @Test func everyStoredMomentSurvivesTheRoundTrip() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<100_000 {
            let milliseconds = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)  // years 1...9999
            let back = Date(millisecondsSince1970: milliseconds).millisecondsSince1970
            if back != milliseconds { Issue.record("\(milliseconds) came back as \(back)") }
        }
    }

    @Test func roundsToTheNearest() {
        #expect(Date(timeIntervalSince1970: 1.2349).millisecondsSince1970 == 1235)
        #expect(Date(timeIntervalSince1970: -0.0001).millisecondsSince1970 == 0)
    }

    @Test func clampsWhatNoIntegerHolds() {
        #expect(Date(timeIntervalSince1970: 1e300).millisecondsSince1970 == .max)
        #expect(Date(timeIntervalSince1970: -1e300).millisecondsSince1970 == .min)
    }
}
