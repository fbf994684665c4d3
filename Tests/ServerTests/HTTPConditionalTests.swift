import HTTPTypes
import Testing
@testable import Server

/// RFC 9110 sections 8.8, 13 and 14, over values.
@Suite(.timeLimit(.minutes(60))) struct HTTPConditionalTests {
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

    @Test(arguments: [
        ("\"a\"", true), (text, true), ("\"b\"", false), ("W/\"a\"", false), (before, false), (after, false), ("a", false),
    ])
    func ifRange(field: String, applies: Bool) {
        #expect(outcome([.range: "bytes=0-9", .ifRange: field]) == (applies ? .part(0..<10) : .whole))
    }

    @Test func nothingOfAnEmptyBody() {
        #expect(outcome([.range: "bytes=0-"], length: 0) == .unsatisfiable)
        #expect(outcome([.range: "bytes=-5"], length: 0) == .unsatisfiable)
    }

    @Test(arguments: [
        text, "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun Nov 06 08:49:37 1994",
    ])
    func datesOfAllThreeForms(text: String) {
        #expect(HTTPDate.seconds(text) == Self.date)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Sun, 06 Now 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 8:49:+7 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sunday, 06-Nov-94 GMT",
        "1994-11-06T08:49:37Z",
        "Sun Nov 6 08:49:37 94 1994",
    ])
    func otherTextsAreNoDates(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }

    @Test(arguments: [0, 951_827_696, 4_102_444_799]) func datesComeBack(seconds: Int) {
        #expect(HTTPDate.seconds(HTTPDate.string(secondsSince1970: seconds)) == seconds)
    }

    @Test func eventsAreWrittenLineByLine() {
        let event = ServerSentEvent(id: "7", name: "state", data: .init("one\ntwo".utf8))
        #expect(String(decoding: event.bytes, as: UTF8.self) == "id: 7\nevent: state\ndata: one\ndata: two\n\n")
    }
}
