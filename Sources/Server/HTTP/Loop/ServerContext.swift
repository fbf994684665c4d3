import Logging
import Synchronization

/// What all connections of a server share, from any of its loops.
final class ServerContext: Sendable {
    let limits: HTTPLimits
    let reserveLimits: HTTPLimits
    let bodies: BodyBudget
    let addresses: AddressCounts
    let logger: Logger
    let handler: any HTTPHandler
    private let openConnections = Atomic<Int>(0)
    private let listeningPaused = Atomic<Bool>(false)
    private let requests = Atomic<UInt64>(0)
    private let idPrefix = String(UInt32.random(in: 0x0800_0000...0x7FFF_FFFF), radix: 32)  // 6 characters
    private let resumeListening = Mutex<(@Sendable () -> Void)?>(nil)
    private let roomMakers = Mutex<[@Sendable () -> Void]>([])

    init(limits: HTTPLimits, logger: Logger, handler: any HTTPHandler) {
        self.limits = limits
        reserveLimits = limits.onReserve
        bodies = BodyBudget(maxMemoryBytes: limits.maxBodyMemoryBytes, maxDiskBytes: limits.maxBodyDiskBytes)
        addresses = AddressCounts(limit: limits.maxConnectionsPerAddress, trusted: limits.trustedAddresses)
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

    /// Only the places that are kept for some are left.
    var isFull: Bool { openConnections.load(ordering: .relaxed) > limits.maxConnections - limits.reservedConnections }

    /// A client waits in the listen queue, and nobody has left since.
    var wantsRoom: Bool { isListeningPaused && openConnections.load(ordering: .sequentiallyConsistent) >= limits.maxConnections }

    /// - Parameter makers: each has one event loop close what is missed least.
    func onMakeRoom(_ makers: [@Sendable () -> Void]) { roomMakers.withLock { $0 = makers } }

    /// On every event loop, soon.
    func makeRoom() {
        for maker in roomMakers.withLock({ $0 }) { maker() }
    }

    /// A large answer made in memory, moved into a file without a name: its client may read it slowly, and many may. Counted with the bodies of
    /// requests until it is sent. Touches the disk; not for event loops.
    /// - Returns: 503 when they hold all that they may, or the disk takes no more.
    func spooled(_ response: Response) -> Result<Response, ProtocolError> {
        guard case .data(let data) = response.body, data.count > limits.spoolAboveBytes else { return .success(response) }
        do throws(ProtocolError) {
            var buffer = try BodyBuffer(
                expected: data.count, budget: bodies, spoolAboveBytes: limits.spoolAboveBytes, spoolDirectory: limits.spoolDirectory)
            try buffer.append(data.span)
            var spooled = response
            spooled.body = .data(try buffer.data())
            return .success(spooled)
        } catch {
            return .failure(error)
        }
    }

    /// Counts one more connection, unless the limit is reached.
    func tryOpenConnection() -> Bool {
        if openConnections.add(1, ordering: .sequentiallyConsistent).newValue <= limits.maxConnections { return true }
        openConnections.subtract(1, ordering: .sequentiallyConsistent)
        return false
    }

    func closedConnection(_ address: AddressCounts.Key, resumeListening resumes: Bool = true) {
        addresses.close(address)
        openConnections.subtract(1, ordering: .sequentiallyConsistent)
        if resumes, isListeningPaused { resumeListening.withLock { $0 }?() }
    }
}
