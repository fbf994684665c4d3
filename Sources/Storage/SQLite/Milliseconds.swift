import Foundation

/// A moment as the database keeps it, whole milliseconds since 1970 UTC.
///
/// An integer compares and indexes exactly and has no time zone. A `Date` that comes back from the database is
/// therefore the stored one rounded to the nearest millisecond.
extension Date {
    /// Whole milliseconds since 1970; ends of `Int64` where the date lies beyond them.
    var millisecondsSince1970: Int64 {
        // Nearest, not down: most milliseconds lie a little off in binary, and must survive the round trip.
        let milliseconds = (timeIntervalSince1970 * 1000).rounded()
        return Int64(exactly: milliseconds) ?? (milliseconds > 0 ? .max : .min)
    }

    init(millisecondsSince1970: Int64) {
        self.init(timeIntervalSince1970: Double(millisecondsSince1970) / 1000)
    }
}
