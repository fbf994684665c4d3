/// Reads the parts that structured header values share (RFC 9110 section 5.6): tokens, quoted strings, parameters.
struct FieldValueScanner {
    struct Parameter: Sendable, Equatable {
        let name: String  // lowercased
        let value: String
    }

    private let bytes: [UInt8]
    private var position = 0

    init(_ value: String) { bytes = Array(value.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    mutating func skipWhitespace() {
        while position < bytes.count, isOptionalWhitespace(bytes[position]) { position += 1 }
    }

    /// Takes the byte, with optional whitespace before and behind it, if it is next.
    mutating func take(_ byte: Unicode.Scalar) -> Bool {
        let start = position
        skipWhitespace()
        guard position < bytes.count, UInt32(bytes[position]) == byte.value else {
            position = start
            return false
        }
        position += 1
        skipWhitespace()
        return true
    }

    mutating func token() -> String? {
        let start = position
        while position < bytes.count, ByteSet.token.contains(bytes[position]) { position += 1 }
        return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
    }

    /// `token / quoted-string`; nil when it is neither, or the quote does not end.
    /// - Parameter ofForm: as browsers write the names of files (WHATWG, "multipart form data"): a backslash is a character of the name. Other
    ///   clients escape quotes and backslashes by it, so before one of those it is an escape, unless the quote is the last of the parameter.
    mutating func word(ofForm: Bool = false) -> String? {
        guard position < bytes.count, bytes[position] == 0x22 else { return token() }
        var text: [UInt8] = []
        var next = position + 1
        while next < bytes.count {
            switch bytes[next] {
            case 0x22:
                position = next + 1
                return String(decoding: text, as: UTF8.self)
            case 0x5C where next + 1 < bytes.count && (!ofForm || isFormEscape(at: next)):
                text.append(bytes[next + 1])
                next += 2
            default:
                text.append(bytes[next])
                next += 1
            }
        }
        return nil
    }

    private func isFormEscape(at backslash: Int) -> Bool {
        switch bytes[backslash + 1] {
        case 0x5C: return true
        case 0x22:
            var after = backslash + 2
            while after < bytes.count, isOptionalWhitespace(bytes[after]) { after += 1 }
            return after < bytes.count && bytes[after] != 0x3B
        default: return false
        }
    }

    /// `*( OWS ";" OWS [ name "=" word ] )`; nil when malformed.
    mutating func parameters(ofForm: Bool = false) -> [Parameter]? {
        var parameters: [Parameter] = []
        while take(";") {
            guard let name = token() else { continue }  // an empty parameter is allowed
            guard take("="), let value = word(ofForm: ofForm) else { return nil }
            parameters.append(Parameter(name: name.lowercased(), value: value))
        }
        return parameters
    }
}
