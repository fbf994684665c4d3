import HTTPTypes
import Testing
@testable import Server

/// Range (RFC 9110 section 14).
@Suite(.timeLimit(.minutes(60))) struct ByteRangeTests {
    private static let date = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT
    private static let text = "Sun, 06 Nov 1994 08:49:37 GMT", before = "Sun, 06 Nov 1994 08:49:36 GMT",
        after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func outcome(_ fields: HTTPFields, length: Int = 100) -> Preconditions.Outcome {
        Preconditions.outcome(fields, tag: EntityTag("a"), lastModified: Self.date, length: length)
    }

    @Test(arguments: [
        ("bytes=0-9", Preconditions.Outcome.part(0..<10)), ("bytes=90-", .part(90..<100)), ("bytes=-10", .part(90..<100)),
        ("bytes=-1000", .part(0..<100)),
        ("bytes=99-99", .part(99..<100)), ("bytes=50-1000", .part(50..<100)), ("BYTES=0-0", .part(0..<1)), ("bytes= 0-9", .part(0..<10)),
        ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable), ("bytes=-0", .unsatisfiable),
        ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=0-99999999999999999999", .part(0..<100)),
        ("bytes=9-0", .whole), ("bytes=", .whole), ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=0-1,3-4", .whole),
        ("lines=0-1", .whole), ("0-1", .whole),
        ("bytes=+0-1", .whole), ("bytes=0--1", .whole),
    ])
    func ranges(field: String, expected: Preconditions.Outcome) {
        #expect(outcome([.range: field]) == expected)
    }

    @Test func nothingOfAnEmptyBody() {
        #expect(outcome([.range: "bytes=0-"], length: 0) == .unsatisfiable)
        #expect(outcome([.range: "bytes=-5"], length: 0) == .unsatisfiable)
    }
}
