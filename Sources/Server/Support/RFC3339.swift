// RFC3339.swift: a moment as clients write it, e.g. 2026-01-31T12:34:56.789+01:00.

import Foundation

enum RFC3339 {
    /// Nil for anything but section 5.6's date-time with capitals. Every offset that the RFC has, up to 23:59, which Foundation's format does not take.
    static func date(_ text: String) -> Date? {
        let form = /(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))/.asciiOnlyDigits()
        guard let match = text.wholeMatch(of: form) else { return nil }
        func number(_ digits: Substring?) -> Int { digits.flatMap { Int($0) } ?? 0 }
        let (year, month, day) = (number(match.1), number(match.2), number(match.3))
        let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
        let (offsetHour, offsetMinute) = (number(match.9), number(match.10))
        // Section 5.7; 60 is a leap second.
        guard (1...12).contains(month), day >= 1, day <= days(in: month, of: year), hour <= 23, minute <= 59, second <= 60, offsetHour <= 23, offsetMinute <= 59
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
