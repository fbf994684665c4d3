import Logging
import Synchronization

/// What all connections of a server share, from any of its loops.
final class ServerContext: Sendable {
    let limits: HTTPLimits
    let logger: Logger
    let handler: any HTTPHandler
    private let openConnections = Atomic<Int>(0)
    private let listeningPaused = Atomic<Bool>(false)
    private let requests = Atomic<UInt64>(0)
    private let idPrefix = String(UInt32.random(in: 0x0800_0000...0x7FFF_FFFF), radix: 32)  // 6 characters
    private let resumeListening = Mutex<(@Sendable () -> Void)?>(nil)

    init(limits: HTTPLimits, logger: Logger, handler: any HTTPHandler) {
        self.limits = limits
        self.logger = logger
        self.handler = handler
    }

    /// Six characters of this process and a running number: short enough to live inside a String's own words for a long while.
    func nextRequestID() -> String {
        idPrefix + "-" + String(requests.add(1, ordering: .relaxed).newValue, radix: 32)
    }

    var isListeningPaused: Bool {
        get { listeningPaused.load(ordering: .sequentiallyConsistent) }
        set { listeningPaused.store(newValue, ordering: .sequentiallyConsistent) }
    }

    func onResumeListening(_ action: (@Sendable () -> Void)?) { resumeListening.withLock { $0 = action } }

    /// Counts one more connection, unless the limit is reached.
    func tryOpenConnection() -> Bool {
        if openConnections.add(1, ordering: .sequentiallyConsistent).newValue <= limits.maxConnections { return true }
        openConnections.subtract(1, ordering: .sequentiallyConsistent)
        return false
    }

    func closedConnection(resumeListening resumes: Bool = true) {
        openConnections.subtract(1, ordering: .sequentiallyConsistent)
        if resumes, isListeningPaused { resumeListening.withLock { $0 }?() }
    }
}
