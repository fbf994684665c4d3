import Foundation
import Glibc

/// A body while it arrives; becomes the request's `Data` without a copy. Up to a size it lies in memory, above it in a file without a
/// name, mapped at the end: what has come slowly, or waits to be dealt with, then takes no memory that the kernel could not have back.
///
/// Every byte is counted in a budget until the `Data` is released.
struct BodyBuffer: ~Copyable {
    private var memory = Block()
    private var file: SpoolFile?
    private(set) var count = 0
    private var isHandedOver = false
    private let budget: BodyBudget
    private let spoolAboveBytes: Int
    private let spoolDirectory: String
    private var mayUseFile = true  // false once the folder has refused one

    /// - Parameter expected: bytes; 0 when unknown.
    init(expected: Int, budget: BodyBudget = BodyBudget(), spoolAboveBytes: Int = .max, spoolDirectory: String = "/tmp")
        throws(ProtocolError)
    {
        self.budget = budget
        self.spoolAboveBytes = spoolAboveBytes
        self.spoolDirectory = spoolDirectory
        if expected > spoolAboveBytes { beginFile() }
        if budget.isExhausted(place) { throw full(0) }  // before a byte of it is asked for
        if place == .memory, expected > 0 { memory = try Self.block(expected) }
    }

    deinit {
        memory.release()
        if !isHandedOver { budget.giveBack(count, place) }
    }

    var place: BodyBudget.Place { file == nil ? .memory : .disk }

    mutating func append(_ bytes: Span<UInt8>) throws(ProtocolError) {
        guard !bytes.isEmpty else { return }
        if place == .memory, mayUseFile, count + bytes.count > spoolAboveBytes { try moveToFile() }
        guard budget.take(bytes.count, place) else { throw full(bytes.count) }
        do throws(ProtocolError) {
            if place == .memory { try reserve(count + bytes.count) }
            try bytes.withUnsafeBytes { (bytes) throws(ProtocolError) in try write(bytes) }
        } catch {
            budget.giveBack(bytes.count, place)
            throw error
        }
        count += bytes.count
    }

    /// Lets `fill` write up to `maxBytes` bytes of a body of known length behind those that are here. `fill` returns how many it wrote, or
    /// less than 0 for none.
    /// - Parameter scratch: what passes through on the way to a file.
    /// - Returns: what `fill` returned, and for how many bytes it had room.
    mutating func receive(
        maxBytes: Int, scratch: UnsafeMutableRawBufferPointer = UnsafeMutableRawBufferPointer(start: nil, count: 0),
        _ fill: (UnsafeMutableRawPointer, Int) -> Int
    ) throws(ProtocolError) -> (received: Int, room: Int) {
        let place = place
        let room = min(maxBytes, place == .memory ? memory.capacity - count : scratch.count)
        guard room > 0, let start = place == .memory ? memory.start.map({ $0 + count }) : scratch.baseAddress else { return (0, 0) }
        let received = fill(start, room)
        guard received > 0 else { return (received, room) }
        guard budget.take(received, place) else { throw full(received) }
        if place == .disk {
            do throws(ProtocolError) {
                try write(UnsafeRawBufferPointer(start: start, count: received))
            } catch {
                budget.giveBack(received, .disk)
                throw error
            }
        }
        count += received
        return (received, room)
    }

    /// Hands the bytes over.
    consuming func data() throws(ProtocolError) -> Data {
        guard count > 0 else { return Data() }
        let (bytes, budget, place) = (count, budget, place)
        if let file = file.take() {
            guard let mapped = file.mapped() else {
                budget.giveBack(bytes, .disk)
                isHandedOver = true
                throw Self.refusal("There is no memory for a body of \(bytes) bytes now.")
            }
            isHandedOver = true
            return Data(
                bytesNoCopy: mapped, count: bytes,
                deallocator: .custom { start, length in
                    munmap(start, length)
                    budget.giveBack(bytes, place)
                })
        }
        let block = memory.take()
        isHandedOver = true
        guard let start = block.start else { return Data() }
        return Data(
            bytesNoCopy: start, count: bytes,
            deallocator: .custom { _, _ in
                block.release()
                budget.giveBack(bytes, place)
            })
    }

    // MARK: Where the bytes lie

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ProtocolError) {
        guard let from = bytes.baseAddress else { return }
        if file != nil {
            guard file?.append(bytes) == true else {
                throw Self.refusal("The disk takes no body now: \(String(cString: strerror(errno))).")
            }
        } else {
            memory.start.map { ($0 + count).copyMemory(from: from, byteCount: bytes.count) }
        }
    }

    private mutating func beginFile() {
        file = SpoolFile(in: spoolDirectory)
        mayUseFile = file != nil
    }

    private mutating func moveToFile() throws(ProtocolError) {
        beginFile()
        guard mayUseFile else { return }
        budget.giveBack(count, .memory)
        let held = count
        count = 0
        guard budget.take(held, .disk) else { throw full(held) }
        count = held
        let block = memory.take()
        defer { block.release() }
        if let start = block.start { try write(UnsafeRawBufferPointer(start: start, count: held)) }
    }

    private mutating func reserve(_ needed: Int) throws(ProtocolError) {
        guard needed > memory.capacity else { return }
        let grown = max(needed, memory.capacity * 2, 4_096)
        let block = try Self.block(grown)
        if let from = memory.start, count > 0 { block.start?.copyMemory(from: from, byteCount: count) }
        memory.release()
        memory = block
    }

    private static func block(_ bytes: Int) throws(ProtocolError) -> Block {
        guard let block = Block(bytes: bytes) else { throw refusal("There is no memory for a body of \(bytes) bytes now.") }
        return block
    }

    private func full(_ more: Int) -> ProtocolError {
        ProtocolError(
            .serviceUnavailable,
            "The bodies of all requests and answers under way hold all the \(place == .memory ? "memory" : "disk") that they may.",
            limit: budget.limit(place), measured: budget.used(place) + more)
    }

    private static func refusal(_ detail: String) -> ProtocolError { ProtocolError(.serviceUnavailable, detail) }

    /// Memory of its own pages from a size on, which go back to the kernel at once: the heap is told to keep what it has.
    private struct Block: @unchecked Sendable {
        private(set) var start: UnsafeMutableRawPointer?
        private(set) var capacity = 0
        private static let mappedFrom = 64 << 10

        init() {}

        init?(bytes: Int) {
            if bytes >= Self.mappedFrom {
                let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                start = memory == MAP_FAILED ? nil : memory
            } else {
                start = malloc(bytes)
            }
            guard start != nil else { return nil }
            capacity = bytes
        }

        mutating func take() -> Block {
            defer { self = Block() }
            return self
        }

        func release() {
            guard let start else { return }
            if capacity >= Self.mappedFrom { munmap(start, capacity) } else { free(start) }
        }
    }
}
