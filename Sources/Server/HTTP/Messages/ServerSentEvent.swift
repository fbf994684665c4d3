import Foundation

/// One event of `text/event-stream` (HTML Living Standard, section 9.2).
struct ServerSentEvent {
    static let mediaType = "text/event-stream"
    /// A comment, which clients pass over, and which shows that the connection lives.
    static let heartbeat = Array(":\n\n".utf8)

    let id: String  // no line ends, no NUL
    let name: String  // no line ends
    let data: Data  // UTF-8

    /// How long a client waits before it connects again.
    static func retry(milliseconds: Int) -> [UInt8] { Array("retry: \(milliseconds)\n\n".utf8) }

    /// Each line of the data in a field of its own.
    var bytes: [UInt8] {
        var bytes = Array("id: \(id)\nevent: \(name)\n".utf8)
        for line in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
            bytes += Array("data: ".utf8) + line + [0x0A]
        }
        return bytes + [0x0A]
    }
}
