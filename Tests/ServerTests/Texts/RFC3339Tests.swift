import Foundation
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct RFC3339Tests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0.0), ("2026-01-31T12:34:56.789+01:00", 1_769_859_296.789), ("1990-12-31T23:59:60Z", 662_688_000),
        ("1649-11-20T14:40:56-21:12", -10_101_672_424), ("2000-02-29T23:59:59-00:00", 951_868_799),
        ("0000-01-01T00:00:00Z", -62_167_219_200),
        ("9999-12-31T23:59:59+23:59", 253_402_214_459), ("1985-04-12T23:20:50.52Z", 482_196_050.52),
    ])
    func readsWhatTheRFCHas(text: String, seconds: Double) throws {
        #expect(abs(try #require(RFC3339.date(text)).timeIntervalSince1970 - seconds) < 1e-6)
    }

    /// Foundation's own calendar says the same, wherever it reads the text.
    @Test func everyDayOfFourCenturiesIsFoundationsDay() throws {
        let style = Date.ISO8601FormatStyle(), first = try #require(RFC3339.date("1899-12-31T06:07:08Z"))
        for day in stride(from: 0, to: 146_097, by: 13) {
            let date = first.addingTimeInterval(Double(day) * 86_400)
            #expect(RFC3339.date(style.format(date)) == date)
        }
    }

    @Test(arguments: [
        "", "2026-01-31", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60", "2026-01-01t00:00:00z", "2026-01-01T00:00:00.Z", "2026-01-01 00:00:00Z", "\u{0662}026-01-01T00:00:00Z",
    ])
    func refusesAllElse(text: String) {
        #expect(RFC3339.date(text) == nil)
    }
}
