import Foundation
import Logging
import Synchronization

/// How the log looks.
public enum LogFormat: String, Sendable, CaseIterable {
    /// A line of text for people.
    case text
    /// A line of JSON for programs.
    case json

    /// Writes to standard error, and waits for no reader of it.
    public func handler(label: String) -> any LogHandler { handler(label: label, to: .standardError) }

    func handler(label: String, to writer: LogWriter) -> any LogHandler {
        writer.onDrop { dropped in
            let line = Mutex<[UInt8]>([])
            let logger = Logger(label: label) { label in handler(label: label) { bytes in line.withLock { $0 = bytes } } }
            logger.warning("log lines were dropped: they came faster than they were read", metadata: ["lines": "\(dropped)"])
            return line.withLock { $0 }
        }
        return handler(label: label) { bytes in writer.write(bytes.span.bytes) }
    }

    private func handler(label: String, _ write: @escaping @Sendable ([UInt8]) -> Void) -> any LogHandler {
        switch self {
        case .text: TextLogHandler(label: label, write: write)
        case .json: JSONLogHandler { line in write([UInt8](line)) }
        }
    }
}

/// The log as one JSON object a line: time, level, message, then the metadata under their own names.
public struct JSONLogHandler: LogHandler {
    /// Metadata that are numbers in JSON; all others are texts, also where they happen to look like numbers.
    private static let numbers: Set<String> = [
        "status", "bytes_in", "bytes_out", "seconds", "queued", "requeued", "orphan_files_removed", "attempt", "workers", "timestep",
        "jobs", "lines", "count",
    ]
    private static let own: Set<String> = ["time", "level", "message"]

    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info
    public var metadataProvider: Logger.MetadataProvider?
    private let write: @Sendable (Data) -> Void
    private let now: @Sendable () -> Date

    /// - Parameter write: takes one line with its end; called from any thread.
    public init(now: @escaping @Sendable () -> Date = { Date() }, write: @escaping @Sendable (Data) -> Void) {
        self.now = now
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var members: [(String, Value)] = [
            ("time", .text(RFC3339.text(now()))), ("level", .text(event.level.rawValue)), ("message", .text(event.message.description)),
        ]
        var all = metadata
        for more in [metadataProvider?.get() ?? [:], event.metadata ?? [:]] { all.merge(more) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        for (name, value) in all.sorted(by: { $0.key < $1.key }) {
            let text = value.description
            // A second member of the same name would hide the first (RFC 8259 section 4).
            let key = Self.own.contains(name) ? "metadata_" + name : name
            if Self.numbers.contains(name), let number = Double(text), number.isFinite {
                members.append((key, .number(number)))
            } else {
                members.append((key, .text(text)))
            }
        }
        let line = "{" + members.map { Self.quoted($0.0) + ":" + $0.1.json }.joined(separator: ",") + "}\n"
        write(Data(line.utf8))
    }

    private enum Value {
        case text(String), number(Double)

        var json: String {
            switch self {
            case .text(let text): JSONLogHandler.quoted(text)
            case .number(let number): Int64(exactly: number).map(String.init) ?? String(number)
            }
        }
    }

    /// A text as a JSON string (RFC 8259 section 7).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
