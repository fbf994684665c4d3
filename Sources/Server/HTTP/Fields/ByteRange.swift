/// RFC 9110 section 14: a part of a representation, by bytes.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    case unsatisfiable

    /// Several ranges at once get the whole, as section 14.2 allows: a picture is read from one place on. So do units other than bytes, and
    /// what is malformed.
    /// - Parameter field: the value of Range.
    init(_ field: String, length: Int) {
        self = Self.parse(field, length) ?? .whole
    }

    private static func parse(_ field: String, _ length: Int) -> ByteRange? {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return nil }
        let ends = parts[1].trimmingOptionalWhitespace().split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2, let first = position(ends[0]), let last = position(ends[1]) else { return nil }
        switch (first, last) {
        case (.some(let first), .some(let last)):
            guard first <= last else { return nil }
            return first < length ? .part(first..<min(last, length - 1) + 1) : .unsatisfiable
        case (.some(let first), nil):
            return first < length ? .part(first..<length) : .unsatisfiable
        case (nil, .some(let suffix)):
            return suffix > 0 && length > 0 ? .part(max(0, length - suffix)..<length) : .unsatisfiable
        case (nil, nil):
            return nil
        }
    }

    /// Digits, or nothing (inner nil); outer nil for anything else. More digits than an Int holds are its largest value.
    private static func position(_ text: Substring) -> Int?? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .some(text.isEmpty ? nil : Int(text) ?? .max - 1)
    }
}
