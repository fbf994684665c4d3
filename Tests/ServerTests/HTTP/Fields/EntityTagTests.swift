import HTTPTypes
import Testing
@testable import Server

/// If-Match and If-None-Match (RFC 9110 section 13.1).
@Suite(.timeLimit(.minutes(60))) struct EntityTagTests {
    private static let date = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT
    private static let text = "Sun, 06 Nov 1994 08:49:37 GMT", before = "Sun, 06 Nov 1994 08:49:36 GMT",
        after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func outcome(_ fields: HTTPFields, length: Int = 100) -> Preconditions.Outcome {
        Preconditions.outcome(fields, tag: EntityTag("a"), lastModified: Self.date, length: length)
    }

    @Test(arguments: [
        ("\"a\"", Preconditions.Outcome.notModified), ("W/\"a\"", .notModified), ("\"b\", \"a\"", .notModified), ("*", .notModified),
        ("\"b\"", .whole), ("\"b\",W/\"c\"", .whole), ("a", .whole), ("\"a", .whole), ("", .whole),
    ])
    func ifNoneMatch(field: String, expected: Preconditions.Outcome) {
        #expect(outcome([.ifNoneMatch: field]) == expected)
    }

    @Test(arguments: [
        ("\"a\"", Preconditions.Outcome.whole), ("*", .whole), ("\"b\" , \"a\"", .whole), ("\"b\"", .failed), ("W/\"a\"", .failed),
        ("a", .failed),
    ])
    func ifMatch(field: String, expected: Preconditions.Outcome) {
        #expect(outcome([.ifMatch: field]) == expected)
    }
}
