import HTTPTypes

/// The header Idempotency-Key, and what else a header says about a picture or request that came before (Cache-Control).
extension Intake.Repetition {
    private static let maxKeyCharacters = 255

    /// - Throws: `Problem` (invalid_parameter) for an Idempotency-Key that is none.
    init(_ fields: HTTPFields) throws {
        self.init()
        idempotencyKey = try fields[.idempotencyKey].map(Self.key)
        // RFC 9111 section 5.2.1: the client will not have what is there already.
        refusesReuse = fields.hasToken("no-cache", in: .cacheControl) || fields.hasToken("no-store", in: .cacheControl)
    }

    /// A quoted string, as the IETF's draft of the field has it, or the same without quotes, as most clients send it.
    private static func key(_ field: String) throws -> String {
        var key = field[...]
        if key.hasPrefix("\""), key.hasSuffix("\""), key.utf8.count >= 2 { key = key.dropFirst().dropLast() }
        guard key.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C && $0 != 0x2C }) else {
            throw Problem(
                .invalidParameter,
                "the header Idempotency-Key holds other characters than visible ASCII without quotes, commas and backslashes",
                whatToDo: "use a fresh random text for each request, for instance a UUID")
        }
        guard (1...maxKeyCharacters).contains(key.utf8.count) else {
            throw Problem(
                .invalidParameter, "the header Idempotency-Key has \(key.utf8.count) characters, 1 to \(maxKeyCharacters) are possible",
                limit: key.isEmpty ? 1 : maxKeyCharacters, measured: key.utf8.count,
                whatToDo: "use a fresh random text for each request, for instance a UUID")
        }
        return String(key)
    }
}
