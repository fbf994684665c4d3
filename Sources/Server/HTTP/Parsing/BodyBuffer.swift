import Foundation
import Glibc

/// A body while it arrives: one allocation that becomes the request's `Data` without a copy. Memory of a declared length is asked for
/// at once, but Linux lends a page only when bytes arrive on it; that of a chunked body grows by `realloc`, which moves
/// large blocks without copying them.
struct BodyBuffer: ~Copyable {
    private var memory: UnsafeMutableRawPointer?
    private var capacity: Int
    private(set) var count = 0

    /// - Parameter capacity: bytes expected; 0 when unknown.
    init(capacity: Int) throws(ProtocolError) {
        self.capacity = capacity
        if capacity > 0 {
            memory = malloc(capacity)
            if memory == nil { throw Self.outOfMemory(capacity) }
        }
    }

    deinit { free(memory) }

    mutating func append(_ bytes: Span<UInt8>) throws(ProtocolError) {
        try reserve(count + bytes.count)
        guard let memory else { return }
        bytes.withUnsafeBytes { (memory + count).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count) }
        count += bytes.count
    }

    /// Lets `fill` write up to `maxBytes` bytes behind those that are here. `fill` returns how many it wrote, or less than 0 for none.
    mutating func receive(maxBytes: Int, _ fill: (UnsafeMutableRawPointer, Int) -> Int) -> Int {
        guard let memory else { return 0 }
        let received = fill(memory + count, min(maxBytes, capacity - count))
        count += max(0, received)
        return received
    }

    /// Hands the body's memory over without copying it.
    consuming func data() -> Data {
        guard let memory, count > 0 else { return Data() }
        self.memory = nil
        return Data(bytesNoCopy: memory, count: count, deallocator: .free)
    }

    private mutating func reserve(_ needed: Int) throws(ProtocolError) {
        guard needed > capacity else { return }
        let grown = max(needed, capacity * 2, 4_096)
        guard let moved = realloc(memory, grown) else { throw Self.outOfMemory(grown) }
        memory = moved
        capacity = grown
    }

    private static func outOfMemory(_ bytes: Int) -> ProtocolError {
        ProtocolError(.serviceUnavailable, "There is no memory for a body of \(bytes) bytes now.")
    }
}
