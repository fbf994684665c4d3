import Logging
import Synchronization

/// Keeps the messages of a log.
final class LogRecord: Sendable {
    private let messages = Mutex<[String]>([])

    var logger: Logger {
        Logger(label: "test") { _ in Handler(record: self) }
    }

    func contains(_ message: String) -> Bool {
        messages.withLock { $0.contains(message) }
    }

    private struct Handler: LogHandler {
        let record: LogRecord
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            record.messages.withLock { $0.append(event.message.description) }
        }
    }
}
