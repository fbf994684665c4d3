/// RFC 9110 section 8.8.3: names one state of a resource's bytes.
public struct EntityTag: Sendable, Equatable {
    public let isWeak: Bool
    public let opaque: String  // without quotes

    public init(_ opaque: String, isWeak: Bool = false) {
        self.opaque = opaque
        self.isWeak = isWeak
    }

    /// The tag as a header field has it.
    public var text: String { (isWeak ? "W/" : "") + "\"\(opaque)\"" }

    /// Section 8.8.3.2: both strong, and the same.
    public func isStronglyEqual(to other: EntityTag) -> Bool { !isWeak && self == other }

    /// Section 8.8.3.2: the same, weak or strong.
    public func isWeaklyEqual(to other: EntityTag) -> Bool { opaque == other.opaque }

    /// What `If-Match` and `If-None-Match` name.
    enum Condition: Equatable { case any, tags([EntityTag]) }

    /// - Parameter field: all lines joined by commas. Nil when malformed.
    static func condition(_ field: String) -> Condition? {
        if field[...].trimmingOptionalWhitespace() == "*" { return .any }
        var rest = field.utf8[...]
        var tags: [EntityTag] = []
        func skip(_ bytes: Set<UInt8>) { rest = rest.drop { bytes.contains($0) } }
        while true {
            skip([0x20, 0x09, 0x2C])  // list elements may be empty (section 5.6.1)
            if rest.isEmpty { return tags.isEmpty ? nil : .tags(tags) }
            let isWeak = rest.starts(with: "W/".utf8)
            if isWeak { rest = rest.dropFirst(2) }
            guard rest.first == 0x22, let end = rest.dropFirst().firstIndex(of: 0x22) else { return nil }
            tags.append(EntityTag(String(decoding: rest[rest.index(after: rest.startIndex)..<end], as: UTF8.self), isWeak: isWeak))
            rest = rest[rest.index(after: end)...]
            skip([0x20, 0x09])
            guard rest.isEmpty || rest.first == 0x2C else { return nil }
        }
    }

    /// One tag, as `If-Range` has it; nil when it is something else.
    static func single(_ field: String) -> EntityTag? {
        if case .tags(let tags) = condition(field), tags.count == 1 { tags[0] } else { nil }
    }
}
