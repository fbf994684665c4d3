import Foundation
import Testing
@testable import Server

/// A body while it arrives.
@Suite(.timeLimit(.minutes(60))) struct BodyBufferTests {
    @Test(arguments: [0, 1, 5, 10_000]) func whatIsAppendedComesOut(capacity: Int) throws {
        var buffer = try BodyBuffer(capacity: capacity), expected: [UInt8] = []
        for piece in 0..<50 {
            let bytes = (0..<piece * 7).map { UInt8(truncatingIfNeeded: $0 ^ piece) }
            try buffer.append(bytes.span)
            expected += bytes
        }
        #expect(buffer.count == expected.count)
        #expect(buffer.data() == Data(expected))
    }

    /// The socket writes no further than was declared, however much it is offered.
    @Test func receivesNoMoreThanItWasMadeFor() throws {
        var buffer = try BodyBuffer(capacity: 10), asked: [Int] = []
        for count in [4, -1, 0, 6] {
            let received = buffer.receive(maxBytes: 8) { place, room in
                asked.append(room)
                for index in 0..<max(count, 0) { place.storeBytes(of: 7, toByteOffset: index, as: UInt8.self) }
                return count
            }
            #expect(received == count)
        }
        #expect(asked == [8, 6, 6, 6] && buffer.count == 10)
        #expect(buffer.receive(maxBytes: 8) { _, room in room } == 0, "it is full")
        #expect(buffer.data() == Data(repeating: 7, count: 10))
    }

    @Test func withoutBytesThereIsNoBody() throws {
        #expect(try BodyBuffer(capacity: 0).data().isEmpty && BodyBuffer(capacity: 9).data().isEmpty)
    }

    /// More than the address space has.
    @Test func memoryThatIsNotThereIsRefused() {
        #expect { _ = try BodyBuffer(capacity: .max) } throws: { ($0 as? ProtocolError)?.status == .serviceUnavailable }
    }
}
