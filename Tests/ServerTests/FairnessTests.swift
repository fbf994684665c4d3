import Foundation
import HTTPTypes
import Synchronization
import Testing
@testable import Server

/// No client's requests keep another's waiting.
@Suite(.timeLimit(.minutes(60))) struct FairnessTests {
    /// Answers at once and keeps the order of arrival; `/gate` holds the whole event loop until it is opened.
    private final class OrderHandler: HTTPHandler {
        private let paths = Mutex<[String]>([])
        let reached = DispatchSemaphore(value: 0), opened = DispatchSemaphore(value: 0)

        var order: [String] { paths.withLock { $0 } }

        func decide(_ head: HTTPRequest, contentLength: Int?, origin: RequestOrigin) -> BodyDecision { .read(maxBytes: .max) }

        func handle(_ request: Request, reply: @escaping @Sendable (Response) -> Void) {
            paths.withLock { $0.append(request.path) }
            if request.path == "/gate" {
                reached.signal()
                opened.wait()
            }
            reply(Response(status: .ok))
        }

        func refusal(_ error: ProtocolError, head: HTTPRequest?, origin: RequestOrigin) -> Response { Response(status: error.status) }
    }

    /// What a hog sent lies ready when another's request comes; then the loop, which a gate had held, goes on.
    /// - Parameter then: once the other is answered
    private func answerAnother(beside sent: String, then: (OrderHandler, HTTPLoopbackClient) throws -> Void) throws {
        let handler = OrderHandler()
        try withServer(handler) { port, _ in
            let gate = try HTTPLoopbackClient(port: port), hog = try HTTPLoopbackClient(port: port)
            let other = try HTTPLoopbackClient(port: port)
            for client in [hog, other] {
                client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.answer().status == 200)
            }
            gate.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n")
            handler.reached.wait()
            hog.send(sent)
            other.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
            handler.opened.signal()
            #expect(try other.answer().status == 200)
            try then(handler, hog)
        }
    }

    /// 2,000 requests that came in one piece, and one that came after them: it is answered after a turn, not after all.
    @Test func aTurnEndsAfterAFewAnswersHoweverSmall() throws {
        try answerAnother(beside: String(repeating: "GET /h HTTP/1.1\r\nHost: a\r\n\r\n", count: 2_000)) { handler, hog in
            let before = try #require(handler.order.firstIndex(of: "/other")) - 3
            #expect(before <= 64, "\(before) of the hog's requests were answered first")
            for _ in 0..<2_000 { #expect(try hog.answer().status == 200) }
        }
    }

    /// A body in chunks of one byte, of which all has come: a request that came after it is answered after a turn, not after the body.
    @Test func aTurnEndsAfterAFewChunksHoweverSmall() throws {
        let chunks = String(repeating: "1\r\nx\r\n", count: 5_000) + "0\r\n\r\n"
        try answerAnother(beside: "POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) { handler, hog in
            let answer = try hog.answer()
            #expect(answer.status == 200)
            #expect(handler.order.suffix(2) == ["/other", "/chunks"])
        }
    }
}
