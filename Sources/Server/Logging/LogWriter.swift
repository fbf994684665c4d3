import Foundation
import Glibc
import Synchronization

/// Writes log lines from a thread of its own, so that whoever logs waits for no reader of the log. Lines that come faster than they are read
/// are kept up to a limit; beyond it they are dropped and counted, and the log says so as soon as it is read again.
///
/// Calls may come from any thread.
public final class LogWriter: Sendable {
    /// Standard error, for the life of the process.
    public static let standardError = LogWriter(descriptor: STDERR_FILENO)

    private struct State {
        var waiting: [UInt8] = []  // whole lines
        var dropped = 0  // lines since the log last said so
        var report: (@Sendable (Int) -> [UInt8])?
        var isWriting = false
    }

    private let descriptor: Int32
    private let maxBytes: Int
    private let state = Mutex(State())
    private let allDropped = Atomic<Int>(0)
    private let arrived = DispatchSemaphore(value: 0)
    private let isStarted = Atomic<Bool>(false)

    /// - Parameter maxBytes: that wait.
    init(descriptor: Int32, maxBytes: Int = 4 << 20) {
        self.descriptor = descriptor
        self.maxBytes = maxBytes
    }

    /// Lines that were dropped since the process began.
    public var droppedLines: Int { allDropped.load(ordering: .relaxed) }

    /// How the line looks that tells of dropped ones, from their number.
    func onDrop(_ report: @escaping @Sendable (Int) -> [UInt8]) { state.withLock { $0.report = report } }

    /// - Parameter line: with its end.
    func write(_ line: RawSpan) {
        let mustWake = state.withLock { state in
            guard state.waiting.count + line.byteCount <= maxBytes else {
                state.dropped += 1
                allDropped.add(1, ordering: .relaxed)
                return false
            }
            line.withUnsafeBytes { state.waiting.append(contentsOf: $0) }
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard mustWake else { return }
        if !isStarted.exchange(true, ordering: .relaxed) { start() }
        arrived.signal()
    }

    /// Waits until everything is written, at the end of the process; not longer than `seconds`.
    public func flush(seconds: Double) {
        let end = Date().addingTimeInterval(seconds)
        while state.withLock({ $0.isWriting }), Date() < end { usleep(1_000) }
    }

    private func start() {
        let thread = Thread { [self] in
            while true {
                arrived.wait()
                while let bytes = next() { Self.write(bytes, to: descriptor) }
            }
        }
        thread.name = "log"
        thread.start()
    }

    /// Everything that waits; nil when nothing does.
    private func next() -> [UInt8]? {
        state.withLock { state in
            var bytes: [UInt8] = []
            swap(&bytes, &state.waiting)
            if state.dropped > 0, let report = state.report {
                bytes += report(state.dropped)
                state.dropped = 0
            }
            guard bytes.isEmpty else { return bytes }
            state.isWriting = false
            return nil
        }
    }

    /// What cannot be written is lost: there is nobody to tell.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if written < 0, errno == EAGAIN {  // another program has made it non-blocking
                    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&wanted, 1, -1)
                } else if written == 0 || errno != EINTR {
                    return
                }
            }
        }
    }
}
