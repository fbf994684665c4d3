/// RFC 9110 section 12.5.1: which media types the client wants, and how much. Parameters other than `q` are not compared.
public struct Accept: Sendable, Equatable {
    private struct Range: Sendable, Equatable {
        let type: String, subtype: String  // lowercased, or "*"
        let quality: Double  // 0...1

        func matches(_ type: Substring, _ subtype: Substring) -> Bool {
            (self.type == "*" || self.type == type) && (self.subtype == "*" || self.subtype == subtype)
        }

        var precision: Int { (type == "*" ? 0 : 1) + (subtype == "*" ? 0 : 1) }
    }

    private let ranges: [Range]

    /// - Parameter field: all Accept lines joined by commas. Empty accepts everything, as no field does.
    /// Nil when malformed.
    public init?(_ field: String) {
        var scanner = FieldValueScanner(field)
        var ranges: [Range] = []
        repeat {
            scanner.skipWhitespace()
            guard let type = scanner.token() else { continue }  // an empty list element
            guard scanner.take("/"), let subtype = scanner.token(), type != "*" || subtype == "*",
                let parameters = scanner.parameters(), let quality = Self.quality(parameters.first { $0.name == "q" }?.value)
            else { return nil }
            ranges.append(Range(type: type.lowercased(), subtype: subtype.lowercased(), quality: quality))
        } while scanner.take(",")
        guard scanner.isAtEnd else { return nil }
        self.ranges = ranges
    }

    /// 0...1; the most precise range that matches decides. 0 means not acceptable.
    /// - Parameter essence: e.g. `image/png`, lowercase.
    public func quality(of essence: String) -> Double {
        if ranges.isEmpty { return 1 }
        let parts = essence.split(separator: "/", maxSplits: 1)
        guard parts.count == 2 else { return 0 }
        let matching = ranges.filter { $0.matches(parts[0], parts[1]) }
        guard let precision = matching.map(\.precision).max() else { return 0 }
        return matching.filter { $0.precision == precision }.map(\.quality).max() ?? 0
    }

    /// The offer that the client wants most; of equals the first. Nil: answer 406.
    public func preferred(among offers: [String]) -> String? {
        var best: (offer: String, quality: Double)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }

    /// Section 12.4.2: 0 to 1 with at most three decimals; 1 when absent.
    private static func quality(_ text: String?) -> Double? {
        guard let text else { return 1 }
        let bytes = Array(text.utf8)
        guard (1...5).contains(bytes.count), bytes[0] == 0x30 || bytes[0] == 0x31, bytes.count == 1 || bytes[1] == 0x2E,
            bytes.dropFirst(2).allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Double(text.hasSuffix(".") ? text + "0" : text), value <= 1
        else { return nil }
        return value
    }
}
