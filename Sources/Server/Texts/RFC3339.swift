import Foundation

/// A moment as clients write it, e.g. 2026-01-31T12:34:56.789+01:00.
enum RFC3339 {
    /// Nil for anything but section 5.6's date-time with capitals. Every offset that the RFC has, up to 23:59, which Foundation's format
    /// does not take.
    static func date(_ text: String) -> Date? {
        let form = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))/.asciiOnlyDigits()
        guard let match = text.wholeMatch(of: form) else { return nil }
        func number(_ digits: Substring?) -> Int { digits.flatMap { Int($0) } ?? 0 }
        let (year, month, day) = (number(match.1), number(match.2), number(match.3))
        let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
        let (offsetHour, offsetMinute) = (number(match.9), number(match.10))
        // Section 5.7; 60 is a leap second.
        guard (1...12).contains(month), day >= 1, day <= days(in: month, of: year), hour <= 23, minute <= 59, second <= 60,
            offsetHour <= 23, offsetMinute <= 59
        else { return nil }
        let offset = (offsetHour * 60 + offsetMinute) * (match.8 == "-" ? -60 : 60)
        let fraction = match.7.flatMap { Double("0" + $0) } ?? 0
        let whole = daysSince1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(whole) + fraction)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// In the Gregorian calendar, also before it was made. Years begin in March, so that a leap day is the last of its year.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1, months = (month + 9) % 12
        let leapDays = floorDivided(shifted, 4) - floorDivided(shifted, 100) + floorDivided(shifted, 400)
        return shifted * 365 + leapDays + (months * 153 + 2) / 5 + day - 719_469
    }

    private static func floorDivided(_ a: Int, _ b: Int) -> Int { (a - (a % b + b) % b) / b }

    /// Nearest millisecond, UTC: 2025-01-31T12:34:56.789Z. Foundation's formatting takes a hundred times as long.
    static func text(_ date: Date) -> String {
        // The years that section 5.6 has digits for; NaN becomes the first of them.
        let range = -62_167_219_200_000.0...253_402_300_799_999.0
        let milliseconds = Int(max(range.lowerBound, min((date.timeIntervalSince1970 * 1000).rounded(), range.upperBound)))
        let (second, fraction) = (milliseconds / 1000, milliseconds % 1000)
        var time = time_t(fraction < 0 ? second - 1 : second)
        var parts = tm()
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: 24) { text in
            func put(_ number: Int32, _ digits: Int, at start: Int) {
                var rest = number
                for index in stride(from: start + digits - 1, through: start, by: -1) {
                    text[index] = 0x30 + UInt8(rest % 10)
                    rest /= 10
                }
            }
            put(parts.tm_year + 1900, 4, at: 0)
            put(parts.tm_mon + 1, 2, at: 5)
            put(parts.tm_mday, 2, at: 8)
            put(parts.tm_hour, 2, at: 11)
            put(parts.tm_min, 2, at: 14)
            put(parts.tm_sec, 2, at: 17)
            put(Int32(fraction < 0 ? fraction + 1000 : fraction), 3, at: 20)
            (text[4], text[7], text[10], text[13], text[16], text[19], text[23]) = (0x2D, 0x2D, 0x54, 0x3A, 0x3A, 0x2E, 0x5A)
            return 24
        }
    }
}
