import Foundation
import Testing
@testable import Server

/// What bodies under way may hold, and where.
@Suite(.timeLimit(.minutes(60))) struct HTTPBodyTests {
    private static let folder = NSTemporaryDirectory()

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test func aBodyMovesIntoAFileWhenItGrows() throws {
        let budget = BodyBudget(), content = bytes(200_000)
        var buffer = try BodyBuffer(expected: 0, budget: budget, spoolAboveBytes: 70_000, spoolDirectory: Self.folder)
        var data: Data?
        for start in stride(from: 0, to: content.count, by: 10_000) {
            try buffer.append(Array(content[start..<start + 10_000]).span)
            let held = start + 10_000, isInFile = held > 70_000
            #expect(budget.used(.memory) == (isInFile ? 0 : held) && budget.used(.disk) == (isInFile ? held : 0))
        }
        data = try buffer.data()
        #expect(data == Data(content) && budget.used(.disk) == content.count)
        data = nil
        #expect(budget.used(.disk) == 0, "given back with the last reference")
    }

    @Test func aSmallBodyStaysInMemory() throws {
        let budget = BodyBudget()
        for count in [1, 4_096, 100_000] {
            var buffer = try BodyBuffer(expected: count, budget: budget, spoolAboveBytes: 100_000, spoolDirectory: Self.folder)
            try buffer.append(bytes(count).span)
            #expect(budget.used(.memory) == count)
            do {
                let data = try buffer.data()
                #expect(data == Data(bytes(count)))
            }
            #expect(budget.used(.memory) == 0 && budget.used(.disk) == 0)
        }
    }

    @Test func aBodyThatIsGivenUpGivesBack() throws {
        let budget = BodyBudget()
        do {
            var buffer = try BodyBuffer(expected: 9, budget: budget)
            try buffer.append(bytes(9).span)
            #expect(budget.used(.memory) == 9)
        }
        #expect(budget.used(.memory) == 0)
    }

    @Test func theBudgetIsSaid() throws {
        let budget = BodyBudget(maxMemoryBytes: 100, maxDiskBytes: 1_000)
        var first = try BodyBuffer(expected: 90, budget: budget)
        try first.append(bytes(90).span)
        var error: ProtocolError?
        do throws(ProtocolError) {
            var second = try BodyBuffer(expected: 0, budget: budget)
            try second.append(bytes(11).span)
        } catch let thrown { error = thrown }
        #expect(error?.status == .serviceUnavailable && error?.limit == 100)
        let data = try first.data()
        #expect(data.count == 90)
    }

    /// Without a file it stays in memory, as long as there is some.
    @Test func aFolderThatTakesNoFileIsNoObstacle() throws {
        let budget = BodyBudget()
        var buffer = try BodyBuffer(expected: 5_000, budget: budget, spoolAboveBytes: 10, spoolDirectory: "/nonexistent")
        try buffer.append(bytes(5_000).span)
        #expect(budget.used(.memory) == 5_000)
        let data = try buffer.data()
        #expect(data == Data(bytes(5_000)))
    }

    @Test func largeBodiesComeThroughTheirFiles() throws {
        try withServer(limits: { $0.spoolAboveBytes = 10_000 }) { port, _ in
            let client = try HTTPLoopbackClient(port: port), body = bytes(3_000_000)
            for path in ["/echo", "/later"] {
                client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                client.send(body)
                #expect(try client.answer().body == body)
                client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: body.count, by: 100_000) {
                    client.send(Array("186a0\r\n".utf8) + body[start..<start + 100_000] + [0x0D, 0x0A])
                }
                client.send("0\r\n\r\n")
                #expect(try client.answer().body == body)
            }
        }
    }

    /// 503 instead of 100, before a byte of the body is sent; room again once the first has been answered.
    @Test func overTheBudgetIsToldBeforeTheBody() throws {
        try withServer(limits: { $0.maxBodyMemoryBytes = 200_000 }) { port, _ in
            let first = try HTTPLoopbackClient(port: port)
            first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n")
            first.send([UInt8](repeating: 0x41, count: 140_000))
            var status = 0
            for _ in 0..<100 where status != 503 {  // until the first one's bytes have arrived
                let other = try HTTPLoopbackClient(port: port)
                other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\nExpect: 100-continue\r\n\r\n")
                let answer = try other.head()
                status = answer.status
                if status != 503 { usleep(1_000) }
            }
            #expect(status == 503)
            first.send([UInt8](repeating: 0x41, count: 10_000))
            #expect(try first.answer().status == 200)
            for _ in 0..<20 {  // far more than the budget, one after the other
                first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 150000\r\n\r\n")
                first.send([UInt8](repeating: 0x42, count: 150_000))
                #expect(try first.answer().body.count == 150_000)
            }
        }
    }
}
