import Synchronization
import Testing
@testable import Server

/// A body written from any thread, without a socket.
@Suite(.timeLimit(.minutes(60))) struct BodyWriterTests {
    private func writer(isChunked: Bool = true, maxBacklogBytes: Int = 1_000, announced: Announcements = Announcements()) -> BodyWriter {
        BodyWriter(isChunked: isChunked, maxBacklogBytes: maxBacklogBytes) { announced.count.add(1, ordering: .relaxed) }
    }

    private final class Announcements: Sendable {
        let count = Atomic(0)
    }

    private func text(_ part: BodyWriter.Part) -> String { String(decoding: part.bytes, as: UTF8.self) }

    @Test func chunksHaveTheirLengthAndAnEnd() {
        let writer = writer()
        #expect(writer.write(Array("hello, world, 16".utf8)) && writer.write([]))
        #expect(text(writer.take()) == "10\r\nhello, world, 16\r\n")
        writer.finish()
        let last = writer.take()
        #expect(text(last) == "0\r\n\r\n" && last.isLast)
        #expect(!writer.write([1]), "it has ended")
    }

    @Test func withoutChunksTheBytesAreAsTheyAre() {
        let writer = writer(isChunked: false)
        writer.write([1, 2])
        writer.write([3])
        writer.finish()
        #expect(writer.take().bytes == [1, 2, 3])
    }

    /// The connection is told once until it has taken.
    @Test func newsIsAnnouncedOnce() {
        let announced = Announcements(), writer = writer(announced: announced)
        for _ in 0..<3 { writer.write([1]) }
        #expect(announced.count.load(ordering: .relaxed) == 1)
        _ = writer.take()
        writer.write([1])
        #expect(announced.count.load(ordering: .relaxed) == 2)
    }

    /// A client that does not read is dropped, and nothing more is kept for it.
    @Test func aBacklogHasALimit() {
        let announced = Announcements(), writer = writer(isChunked: false, maxBacklogBytes: 10, announced: announced)
        #expect(writer.write([UInt8](repeating: 0, count: 10)) && !writer.isOverrun)
        writer.write([0])
        #expect(writer.isOverrun && !writer.write([0]))
        #expect(announced.count.load(ordering: .relaxed) == 2, "though it knew of something to take")
        #expect(writer.take().bytes.isEmpty)
    }

    @Test func whoLeavesEarlyIsHeardOfOnce() {
        let writer = writer(), calls = Announcements()
        writer.onClose { calls.count.add(1, ordering: .relaxed) }
        writer.close()
        writer.close()
        #expect(!writer.write([1]) && calls.count.load(ordering: .relaxed) == 1)
        writer.onClose { calls.count.add(1, ordering: .relaxed) }
        #expect(calls.count.load(ordering: .relaxed) == 2, "who asks later is told at once")
    }

    @Test func afterTheEndACloseIsNoNews() {
        let writer = writer(), calls = Announcements()
        writer.onClose { calls.count.add(1, ordering: .relaxed) }
        writer.finish()
        writer.close()
        #expect(calls.count.load(ordering: .relaxed) == 0)
    }
}
