import HTTPTypes
import Testing
@testable import Server

/// RFC 9110 sections 8.8, 13 and 14, over values.
@Suite(.timeLimit(.minutes(60))) struct PreconditionsTests {
    private static let date = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT
    private static let text = "Sun, 06 Nov 1994 08:49:37 GMT", before = "Sun, 06 Nov 1994 08:49:36 GMT",
        after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func outcome(_ fields: HTTPFields, length: Int = 100) -> Preconditions.Outcome {
        Preconditions.outcome(fields, tag: EntityTag("a"), lastModified: Self.date, length: length)
    }

    @Test func dates() {
        #expect(outcome([.ifModifiedSince: Self.text]) == .notModified)
        #expect(outcome([.ifModifiedSince: Self.after]) == .notModified)
        #expect(outcome([.ifModifiedSince: Self.before]) == .whole)
        #expect(outcome([.ifModifiedSince: "yesterday"]) == .whole)
        #expect(outcome([.ifUnmodifiedSince: Self.text]) == .whole)
        #expect(outcome([.ifUnmodifiedSince: Self.before]) == .failed)
    }

    /// Section 13.2.2: a tag says more than a date.
    @Test func tagsOverruleDates() {
        #expect(outcome([.ifNoneMatch: "\"b\"", .ifModifiedSince: Self.text]) == .whole)
        #expect(outcome([.ifMatch: "\"a\"", .ifUnmodifiedSince: Self.before]) == .whole)
        #expect(outcome([.ifMatch: "\"b\"", .ifNoneMatch: "\"a\""]) == .failed)
    }

    @Test(arguments: [
        ("\"a\"", true), (text, true), ("\"b\"", false), ("W/\"a\"", false), (before, false), (after, false), ("a", false),
    ])
    func ifRange(field: String, applies: Bool) {
        #expect(outcome([.range: "bytes=0-9", .ifRange: field]) == (applies ? .part(0..<10) : .whole))
    }
}
