/// RFC 9110 section 8.3.1: `type "/" subtype parameters`, as Content-Type carries it.
public struct MediaType: Sendable, Equatable {
    public let type: String  // lowercased
    public let subtype: String  // lowercased
    private let parameters: [FieldValueScanner.Parameter]

    /// Reads the field Content-Type; nil when it is malformed.
    public init?(_ field: String) {
        var scanner = FieldValueScanner(field)
        scanner.skipWhitespace()
        guard let type = scanner.token(), scanner.take("/"), let subtype = scanner.token(),
            let parameters = scanner.parameters()
        else { return nil }
        scanner.skipWhitespace()
        guard scanner.isAtEnd else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// Type and subtype without parameters, for instance `image/png`.
    public var essence: String { type + "/" + subtype }

    /// - Parameter name: lowercase. The first one counts.
    public func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
}
