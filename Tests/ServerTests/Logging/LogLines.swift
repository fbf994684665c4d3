import Foundation
import Logging
import Synchronization
@testable import Server

/// A log in JSON, kept line by line.
final class LogLines: Sendable {
    private let lines = Mutex<[Data]>([])

    var logger: Logger {
        Logger(label: "test") { _ in
            JSONLogHandler(now: { Date(timeIntervalSince1970: 1_700_000_000.25) }) { line in self.lines.withLock { $0.append(line) } }
        }
    }

    var all: [JSONValue] { get throws { try lines.withLock { $0 }.map(JSONValue.init(json:)) } }

    func lines(of message: String) throws -> [JSONValue] {
        try all.filter { $0["message"]?.string == message }
    }
}
