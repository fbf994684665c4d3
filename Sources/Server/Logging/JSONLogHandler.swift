import Foundation
import Logging

/// How the log looks.
public enum LogFormat: String, Sendable, CaseIterable {
    /// A line of text for people.
    case text
    /// A line of JSON for programs.
    case json

    /// A log handler in this format, which writes to standard error.
    public func handler(label: String) -> any LogHandler {
        switch self {
        case .text: TextLogHandler(label: label) { line in Self.write(line.span.bytes) }
        case .json: JSONLogHandler { line in Self.write(line.span.bytes) }
        }
    }

    /// A line in one write, so that those of several threads do not mix. One that cannot be written is lost.
    private static func write(_ line: RawSpan) {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 { rest = rest.dropFirst(written) } else if written == 0 || errno != EINTR { return }
            }
        }
    }
}

/// The log as one JSON object a line: time, level, message, then the metadata under their own names.
public struct JSONLogHandler: LogHandler {
    /// Metadata that are numbers in JSON; all others are texts, also where they happen to look like numbers.
    private static let numbers: Set<String> = [
        "status", "bytes_in", "bytes_out", "seconds", "queued", "requeued", "orphan_files_removed", "attempt", "workers", "timestep",
        "jobs",
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
