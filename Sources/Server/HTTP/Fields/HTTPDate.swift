import Glibc

/// RFC 9110 section 5.6.7, IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. Always 29 bytes.
public enum HTTPDate {
    public static func string(secondsSince1970 seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let day = days[Int(parts.tm_wday)], month = months[Int(parts.tm_mon)]
        return "\(day), \(digits(parts.tm_mday)) \(month) \(digits((parts.tm_year + 1900) / 100))\(digits(parts.tm_year % 100)) "
            + "\(digits(parts.tm_hour)):\(digits(parts.tm_min)):\(digits(parts.tm_sec)) GMT"
    }

    /// Seconds since 1970 of an IMF-fixdate, or of one of the two older forms that section 5.6.7 bids to understand:
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. Nil for anything else.
    public static func seconds(_ text: String) -> Int? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init)
        if words.count == 6, words[5] == "GMT", text.contains(",") {
            return seconds(year: number(words[3], 4), month: words[2], day: number(words[1], 2), time: words[4])
        }
        if words.count == 4, words[3] == "GMT" {
            let parts = words[1].split(separator: "-").map(String.init)
            guard parts.count == 3, let year = number(parts[2], 2) else { return nil }
            // Two digits that would lie more than 50 years ahead mean the past; this service dates from after 2020.
            return seconds(year: year + (year > 70 ? 1900 : 2000), month: parts[1], day: number(parts[0], 2), time: words[2])
        }
        if words.count == 5 {
            return seconds(year: number(words[4], 4), month: words[1], day: number(words[2], words[2].utf8.count), time: words[3])
        }
        return nil
    }

    private static func seconds(year: Int?, month: String, day: Int?, time: String) -> Int? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number(String($0), 2) }
        guard let year, let month = months.firstIndex(of: month), let day, (1...31).contains(day), clock.count == 3,
            let hour = clock[0], let minute = clock[1], let second = clock[2], hour < 24, minute < 60, second <= 60
        else { return nil }
        var parts = tm()
        parts.tm_year = Int32(year - 1900)
        parts.tm_mon = Int32(month)
        parts.tm_mday = Int32(day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (Int32(hour), Int32(minute), Int32(second))
        return timegm(&parts)
    }

    /// The number that at most `most` digits stand for; nil where anything else is in the text.
    private static func number(_ text: String, _ most: Int) -> Int? {
        (1...max(most, 1)).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }

    // Names of the RFC, whatever the locale.
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
