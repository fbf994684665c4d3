import HTTPTypes
import Testing
@testable import Server

/// An event as an EventSource reads it.
@Suite(.timeLimit(.minutes(60))) struct ServerSentEventTests {
    @Test func eventsAreWrittenLineByLine() {
        let event = ServerSentEvent(id: "7", name: "state", data: .init("one\ntwo".utf8))
        #expect(String(decoding: event.bytes, as: UTF8.self) == "id: 7\nevent: state\ndata: one\ndata: two\n\n")
    }
}
