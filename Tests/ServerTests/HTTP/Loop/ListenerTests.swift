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

    @Test func anAddressHasItsShare() throws {
        try withServer(limits: {
            $0.maxConnectionsPerAddress = 2
            $0.trustedAddresses = []
        }) { port, _ in
            var first: HTTPLoopbackClient? = try HTTPLoopbackClient(port: port)
            let second = try HTTPLoopbackClient(port: port)
            try expectServed(#require(first))
            try expectServed(second)
            let third = try HTTPLoopbackClient(port: port)
            #expect(try third.answer().status == 503)
            first = nil
            var status = 503
            while status == 503 {  // until the server has seen it leave
                let next = try HTTPLoopbackClient(port: port)
                next.send(good)
                if let answer = try? next.answer() { status = answer.status }
            }
            #expect(status == 200)
            try expectServed(second)
        }
        // Loopback is trusted unless told otherwise.
        try withServer(limits: { $0.maxConnectionsPerAddress = 1 }) { port, _ in
            let clients = try (0..<3).map { _ in try HTTPLoopbackClient(port: port) }
            for client in clients { try expectServed(client) }
        }
    }

    private func expectServed(_ client: HTTPLoopbackClient) throws {
        client.send(good)
        #expect(try client.answer().status == 200)
    }
}
