import Logging
import Synchronization

/// Tells the log when the service becomes ready or not, and not each time that somebody asks: probes ask every few seconds.
/// Calls may come from any thread.
final class ReadinessLog: Sendable {
    private let hindrance = Mutex<String?>(nil)  // name of the one that was told
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    /// - Parameter found: nil = the service is ready.
    func note(_ found: Hindrance?) {
        let isNew = hindrance.withLock { told in
            defer { told = found?.name }
            return told != found?.name
        }
        guard isNew else { return }
        if let found {
            logger.error("not ready", metadata: ["error": "\(found.reason)"])
        } else {
            logger.notice("ready again")
        }
    }
}
