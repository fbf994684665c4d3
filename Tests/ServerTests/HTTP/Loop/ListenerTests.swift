import Foundation
import Testing
@testable import Server

/// Who is let in, and when.
@Suite(.timeLimit(.minutes(60))) struct ListenerTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func beyondTheConnectionLimitClientsWaitTheirTurn() throws {
        try withServer(limits: { $0.maxConnections = 2 }) { port, _ in
            var first: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port)
            let second = try HTTPLoopbackClient(port: port)
            for client in [first, second] {
                client?.send(good)
                #expect(try client?.answer().status == 200)
            }
            let third = try HTTPLoopbackClient(port: port)
            third.send(good)
            first = nil
            #expect(try third.answer().status == 200)
            second.send(good)
            #expect(try second.answer().status == 200)
        }
    }

    @Test func aTakenPortIsNamed() throws {
        try withServer { port, server in
            let second = HTTPServer(host: "127.0.0.1", port: port, logger: .init(label: "test"), handler: HTTPEchoHandler())
            do {
                _ = try second.start()
                Issue.record("two servers on one port")
            } catch let error as ListenError {
                #expect(error.description.contains("127.0.0.1 port \(port)"))
            }
            #expect(throws: ListenError.self) { try server.start() }
            second.stop(drainSeconds: 0)
        }
    }
}
