import Foundation
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(60))) struct JobIDTests {
    /// The known value: 2024-01-01T00:00:00Z is 1704067200000 ms = 0x18CC251F400.
    @Test func timeIsTheFirstTenDigits() {
        let id = JobID.make(now: Date(timeIntervalSince1970: 1_704_067_200))
        #expect(id.prefix(10) == "01HK153X00")
        #expect(id.count == 26)
    }

    @Test func sortsByTime() {
        var times = (0..<200).map { Date(timeIntervalSince1970: 1_700_000_000 + Double($0) * 0.001) }
        times += [0, 1, 31, 32, 1_000_000, 4_000_000_000].map { Date(timeIntervalSince1970: $0) }
        let ids = times.sorted().map { JobID.make(now: $0) }
        #expect(ids == ids.sorted())
    }

    @Test func clampsTimesOutOfRange() {
        #expect(JobID.make(now: .distantPast).prefix(10) == "0000000000")
        #expect(JobID.make(now: Date(timeIntervalSince1970: .greatestFiniteMagnitude)).prefix(10) == "7ZZZZZZZZZ")
    }

    @Test func differsWithinOneMillisecond() {
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        let ids = (0..<1000).map { _ in JobID.make(now: now) }
        #expect(Set(ids).count == 1000)
        #expect(ids.allSatisfy(JobID.isValid))
        // 80 random bits: every digit after the time takes all 32 values in 1000 draws.
        for position in 10..<26 {
            #expect(Set(ids.map { Array($0)[position] }).count == 32)
        }
    }

    @Test(arguments: [
        "", "01HK153X00", "01HK153X000000000000000000A", "01hk153x000000000000000000", "01HK153X00000000000000000I",
        "01HK153X0000000000000000/.", "../../../../../etc/passwd1", "81HK153X000000000000000000", "01HK153X00000000000000000\u{0}",
        "01HK153X0000000000000000é",
    ])
    func refuses(_ text: String) {
        #expect(!JobID.isValid(text))
    }
}
