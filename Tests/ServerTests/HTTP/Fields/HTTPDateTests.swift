import HTTPTypes
import Testing
@testable import Server

/// The three forms of a date (RFC 9110 section 5.6.7).
@Suite(.timeLimit(.minutes(60))) struct HTTPDateTests {
    private static let date = 784_111_777  // Sun, 06 Nov 1994 08:49:37 GMT
    private static let text = "Sun, 06 Nov 1994 08:49:37 GMT", before = "Sun, 06 Nov 1994 08:49:36 GMT",
        after = "Sun, 06 Nov 1994 08:49:38 GMT"

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
}
