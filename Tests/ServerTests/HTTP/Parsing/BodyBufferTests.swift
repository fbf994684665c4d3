import Foundation
import Testing
@testable import Server

/// A body while it arrives.
@Suite(.timeLimit(.minutes(60))) struct BodyBufferTests {
    private static let folder = NSTemporaryDirectory()

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    @Test(arguments: [0, 1, 5, 10_000]) func whatIsAppendedComesOut(expected: Int) throws {
        var buffer = try BodyBuffer(expected: expected), content: [UInt8] = []
        for piece in 0..<50 {
            let bytes = (0..<piece * 7).map { UInt8(truncatingIfNeeded: $0 ^ piece) }
            try buffer.append(bytes.span)
            content += bytes
        }
        #expect(buffer.count == content.count)
        let data = try buffer.data()
        #expect(data == Data(content))
    }

    /// The socket writes no further than was declared, however much it is offered.
    @Test func receivesNoMoreThanItWasMadeFor() throws {
        var buffer = try BodyBuffer(expected: 10), asked: [Int] = []
        for count in [4, -1, 0, 6] {
            let received = try buffer.receive(maxBytes: 8) { place, room in
                asked.append(room)
                for index in 0..<max(count, 0) { place.storeBytes(of: 7, toByteOffset: index, as: UInt8.self) }
                return count
            }
            #expect(received.received == count)
        }
        #expect(asked == [8, 6, 6, 6] && buffer.count == 10)
        let more = try buffer.receive(maxBytes: 8) { _, room in room }
        #expect(more == (0, 0), "it is full")
        let data = try buffer.data()
        #expect(data == Data(repeating: 7, count: 10))
    }

    @Test func withoutBytesThereIsNoBody() throws {
        for expected in [0, 9] {
            let data = try BodyBuffer(expected: expected).data()
            #expect(data.isEmpty)
        }
    }

    /// More than the address space has.
    @Test func memoryThatIsNotThereIsRefused() {
        #expect { _ = try BodyBuffer(expected: .max) } throws: { ($0 as? ProtocolError)?.status == .serviceUnavailable }
    }

    /// On the way to a file the bytes pass through memory that is not the body's.
    @Test func whatIsReceivedForAFilePassesThrough() throws {
        let budget = BodyBudget(), content = bytes(50_000)
        var buffer = try BodyBuffer(expected: content.count, budget: budget, spoolAboveBytes: 10, spoolDirectory: Self.folder)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 1)
        defer { scratch.deallocate() }
        while buffer.count < content.count {
            let rest = content[buffer.count...]
            let (received, room) = try buffer.receive(maxBytes: rest.count, scratch: scratch) { place, room in
                UnsafeMutableRawBufferPointer(start: place, count: room).copyBytes(from: rest.prefix(room))
                return min(room, rest.count)
            }
            #expect(received == room && room <= 4_096 && budget.used(.disk) == buffer.count)
        }
        let data = try buffer.data()
        #expect(data == Data(content) && budget.used(.memory) == 0)
    }

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

    /// Without a file it stays in memory, as long as there is some.
    @Test func aFolderThatTakesNoFileIsNoObstacle() throws {
        let budget = BodyBudget()
        var buffer = try BodyBuffer(expected: 5_000, budget: budget, spoolAboveBytes: 10, spoolDirectory: "/nonexistent")
        try buffer.append(bytes(5_000).span)
        #expect(budget.used(.memory) == 5_000)
        let data = try buffer.data()
        #expect(data == Data(bytes(5_000)))
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
}
