import HTTPTypes

/// RFC 9112 section 5: `field-name ":" OWS field-value OWS`. Obsolete folding and space before the colon are refused (5.1, 5.2).
enum FieldLine {
    static func field(_ line: Span<UInt8>) throws(ProtocolError) -> HTTPField {
        let token = ByteSet.token
        var colon = 0
        while colon < line.count, token.contains(line[colon]) { colon += 1 }
        guard colon < line.count else { throw .badRequest("A header line has no colon.") }
        guard line[colon] == 0x3A else {
            if isOptionalWhitespace(line[colon]) {
                throw .badRequest(colon == 0 ? "A header line starts with whitespace." : "Whitespace stands before a header's colon.")
            }
            throw .badRequest("A header name contains the byte \(line[colon]).")
        }
        guard let name = HTTPField.Name(String(line.extracting(0..<colon))) else { throw .badRequest("A header line has no name.") }

        var start = colon + 1, end = line.count
        while start < end, isOptionalWhitespace(line[start]) { start += 1 }
        while end > start, isOptionalWhitespace(line[end - 1]) { end -= 1 }
        let value = line.extracting(start..<end)
        var isASCII = true
        for index in value.indices {
            let byte = value[index]
            guard isFieldValueByte(byte) else { throw .badRequest("The header \(name.rawName) contains the control byte \(byte).") }
            if byte >= 0x80 { isASCII = false }
        }
        // Text that may not be UTF-8 (obs-text) is handed on byte for byte.
        return isASCII ? HTTPField(name: name, value: String(value)) : value.withUnsafeBufferPointer { HTTPField(name: name, value: $0) }
    }
}
