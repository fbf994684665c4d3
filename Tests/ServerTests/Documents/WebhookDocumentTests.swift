import Testing
@testable import Server

/// A webhook in JSON.
@Suite(.timeLimit(.minutes(60))) struct WebhookDocumentTests {
    @Test func beforeTheJobIsOverAllElseIsNull() throws {
        #expect(
            try String(decoding: JSON.encode(WebhookDocument(url: "https://a/", delivery: nil)), as: UTF8.self)
                == #"{"attempts":0,"event":null,"id":null,"last_attempt_at":null,"last_error":null,"last_status":null,"#
                + #""next_attempt_at":null,"state":"pending","url":"https://a/"}"#)
    }
}
