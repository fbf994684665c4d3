import Foundation
import Testing
@testable import Server

/// More connections than places: nobody locks others out.
@Suite(.timeLimit(.minutes(60))) struct HTTPRoomTests {
    private let good = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"

    /// A server with seven places and one that is kept, and seven clients that have been brought into a state one after the other.
    private func withFull(
        _ handler: HTTPEchoHandler = HTTPEchoHandler(), limits: @escaping (inout HTTPLimits) -> Void = { _ in },
        each: (HTTPLoopbackClient) throws -> Void, _ body: ([HTTPLoopbackClient], UInt16) throws -> Void
    ) throws {
        try withServer(
            handler,
            limits: {
                $0.maxConnections = 8
                limits(&$0)
            }
        ) { port, _ in
            let clients = try (0..<7).map { _ in
                let client = try HTTPLoopbackClient(port: port)
                client.send(good)
                #expect(try client.answer().status == 200)
                return client
            }
            for client in clients { try each(client) }
            try body(clients, port)
        }
    }

    private func expectServed(_ client: HTTPLoopbackClient) throws {
        client.send(good)
        #expect(try client.answer().status == 200)
    }

    @Test func theLongestIdleIsClosedWithoutAWord() throws {
        try withFull(each: expectServed) { clients, port in
            try expectServed(HTTPLoopbackClient(port: port))
            #expect(try clients[0].isClosedByServer())
            for client in clients[2...] { try expectServed(client) }
        }
    }

    @Test func theSlowestHeadIsToldAndClosed() throws {
        try withFull(
            each: { client in
                // In one piece with a whole request, whose answer shows that both have been read.
                client.send(good + "GET /echo HT")
                #expect(try client.answer().status == 200)
            }
        ) { clients, port in
            try expectServed(HTTPLoopbackClient(port: port))
            let told = try clients[0].answer()
            #expect(told.status == 503 && told.fields["retry-after"] != nil && told.fields["connection"] == "close")
            clients[6].send("TP/1.1\r\nHost: a\r\n\r\n")
            #expect(try clients[6].answer().status == 200)
        }
    }

    @Test func theSlowestBodyIsToldAndClosed() throws {
        try withFull(
            limits: { $0.minBytesPerSecond = 0 },
            each: { $0.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe") }
        ) { clients, port in
            usleep(1_300_000)
            for client in clients[1...] { client.send("l") }
            usleep(100_000)
            try expectServed(HTTPLoopbackClient(port: port))
            #expect(try clients[0].answer().status == 503)
            clients[6].send("lo")
            #expect(try clients[6].answer().text == "hello")
        }
    }

    /// What is being answered is not closed. Probes get in all the same, others are told to come again.
    @Test func aPlaceIsKeptForProbes() throws {
        let handler = HTTPEchoHandler()
        try withFull(
            handler,
            each: { client in
                client.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
                handler.waitForHeld()
            }
        ) { clients, port in
            for _ in 0..<3 {
                let probe = try HTTPLoopbackClient(port: port)
                probe.send("GET /who HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try probe.answer()
                #expect(answer.status == 200 && answer.fields["connection"] == "close")
                // Its place is free for the next though it has not closed.
                let other = try HTTPLoopbackClient(port: port)
                other.send(good)
                let refusal = try other.answer()
                #expect(refusal.status == 503 && refusal.fields["connection"] == "close")
            }
            let silent = try HTTPLoopbackClient(port: port)
            #expect(try silent.isClosedByServer(), "it has a second to say what it wants")
            handler.release()
            for client in clients { #expect(try client.answer().status == 200) }
            try expectServed(clients[0])
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
}

@Suite(.timeLimit(.minutes(60))) struct AddressTests {
    @Test func blocksHoldTheirAddresses() throws {
        for (block, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"), ("172.16.0.0/12", "172.31.255.255", "172.32.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("127.0.0.0/8", "::ffff:127.0.0.1", "::1"), ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"),
            ("0.0.0.0/0", "8.8.8.8", "::1"),
            ("fe80::/10", "fe80::1%eth0", "fec0::"), ("::1", "::1", "::2"),
        ] {
            let found = try #require(AddressBlock(block))
            #expect(found.contains(try #require(AddressBlock.bytes(inside))), "\(block) \(inside)")
            #expect(!found.contains(try #require(AddressBlock.bytes(outside))), "\(block) \(outside)")
            #expect(found.description == block)
        }
        #expect(AddressBlock.local.count == 8)
    }

    @Test(arguments: ["", "10", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "::/129", "a.example", "10.0.0.0/8/8"])
    func otherTextsAreNoBlocks(text: String) {
        #expect(AddressBlock(text) == nil)
    }

    @Test func anIPv6NetworkCountsAsOne() throws {
        let counts = AddressCounts(limit: 2, trusted: AddressBlock.local)
        let first = try #require(counts.open("2001:db8:1:2:3::1"))
        _ = try #require(counts.open("2001:db8:1:2:4::9"))
        #expect(counts.open("2001:db8:1:2::5") == nil)
        #expect(counts.open("2001:db8:1:3::5") != nil)
        counts.close(first)
        #expect(counts.open("2001:db8:1:2::5") != nil)
        // IPv4 by address, however it is written.
        _ = counts.open("192.0.2.1")
        _ = counts.open("::ffff:192.0.2.1")
        #expect(counts.open("192.0.2.1") == nil && counts.open("192.0.2.2") != nil)
        for _ in 0..<9 { #expect(counts.open("127.0.0.1") != nil && counts.open("10.0.0.9") != nil) }
    }
}
