import Foundation
import HTTPTypes
import Testing
@testable import Server

/// Responses in JSON.
@Suite(.timeLimit(.minutes(60))) struct ResponseJSONTests {
    @Test func sayWhatTheyAreAndAreNotKept() {
        let response = Response.json(["a": 1], status: .created, fields: [.location: "/x", .contentType: "text/plain"])
        #expect(response.status == .created && response.fields[.location] == "/x")
        #expect(response.fields[.contentType] == "application/json" && response.fields[.cacheControl] == "no-store")
        guard case .data(let body) = response.body else {
            Issue.record("no body")
            return
        }
        #expect(body == Data(#"{"a":1}"#.utf8))
    }
}
