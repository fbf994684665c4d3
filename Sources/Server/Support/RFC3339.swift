// RFC3339.swift: a moment as clients write it, e.g. 2026-01-31T12:34:56.789+01:00.

import Foundation

enum RFC3339 {
    /// Nil for anything but section 5.6's date-time with capitals.
    static func date(_ text: String) -> Date? {
        guard text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)/) != nil else { return nil }
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains(".")))
    }
}

extension Call {
    /// A moment; nil when it is not given.
    /// - Throws: `Problem` (invalid_parameter)
    func date(_ name: String) throws -> Date? {
        guard let text = try single(name) else { return nil }
        guard let date = RFC3339.date(text) else {
            throw Problem.parameter(
                name, "is '\(text.prefix(40))'", "use a time as RFC 3339 writes it, for instance 2026-01-31T12:00:00Z; a + in it is written %2B")
        }
        return date
    }
}
