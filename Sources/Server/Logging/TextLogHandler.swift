import Foundation
import Logging
import Synchronization

/// The log for people: time, level, label, metadata, source and message, one line each.
///
/// Looks as swift-log's own handler, and takes a third of its time: every request writes a line. What a client sent cannot end a line, or
/// steer a terminal: controls are escaped.
public struct TextLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel = Logger.Level.info
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> time_t
    private let write: @Sendable ([UInt8]) -> Void

    private static let time = Mutex<(second: time_t, text: String)>((-1, ""))

    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - write: takes one line with its end; called from any thread.
    public init(label: String, now: @escaping @Sendable () -> time_t = { Glibc.time(nil) }, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.label = label
        self.now = now
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line: [UInt8] = []
        line.reserveCapacity(384)
        line += timestamp().utf8
        line.append(0x20)
        line += event.level.rawValue.utf8
        line.append(0x20)
        line += label.utf8
        line.append(0x3A)
        for (name, value) in members(event).sorted(by: { $0.key < $1.key }) {
            line.append(0x20)
            Self.append(name, to: &line)
            line.append(0x3D)
            Self.append(value.description, to: &line)
        }
        line += " [".utf8
        line += event.source.utf8
        line += "] ".utf8
        Self.append(event.message.description, to: &line)
        line.append(0x0A)
        write(line)
    }

    private func members(_ event: LogEvent) -> Logger.Metadata {
        var all = event.metadata ?? [:]
        if let provided = metadataProvider?.get(), !provided.isEmpty { all.merge(provided) { own, _ in own } }
        if !metadata.isEmpty { all.merge(metadata) { own, _ in own } }
        if let error = event.error { all["error"] = "\(error)" }
        return all
    }

    /// Local time with its distance from UTC, put together once a second.
    private func timestamp() -> String {
        let second = now()
        return Self.time.withLock { time in
            if time.second != second {
                var moment = second, parts = tm()
                localtime_r(&moment, &parts)
                let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 40) { buffer in
                    String(
                        decoding: buffer[..<strftime(buffer.baseAddress, buffer.count, "%Y-%m-%dT%H:%M:%S%z", &parts)].map(UInt8.init),
                        as: UTF8.self)
                }
                time = (second, text)
            }
            return time.text
        }
    }

    private static func append(_ text: String, to line: inout [UInt8]) {
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return line.append(contentsOf: utf8) }
            for byte in utf8 {
                if byte < 0x20 || byte == 0x7F {
                    line += "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
                } else {
                    line.append(byte)
                }
            }
        }
    }
}
