/// A set of ASCII bytes, kept in two words so that membership is a shift. Bytes above 127 are never members.
struct ByteSet: Sendable {
    private var low: UInt64 = 0  // bytes 0 to 63
    private var high: UInt64 = 0  // bytes 64 to 127

    init(_ members: StaticString, ranges: ClosedRange<UInt8>...) {
        members.withUTF8Buffer { bytes in
            for byte in bytes { insert(byte) }
        }
        for range in ranges {
            for byte in range { insert(byte) }
        }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { low |= 1 &<< UInt64(byte) } else if byte < 128 { high |= 1 &<< UInt64(byte - 64) }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low &>> UInt64(byte) : high &>> UInt64(byte &- 64)) & 1 == 1
    }

    /// The bytes of a token: tchar of RFC 9110 section 5.6.2.
    static let token = ByteSet("!#$%&'*+-.^_`|~", ranges: 0x30...0x39, 0x41...0x5A, 0x61...0x7A)

    /// What may stand in a request target: RFC 3986's characters and the few that browsers leave bare in queries.
    /// Controls, space, `"`, `#`, `<`, `>`, `\` and everything above ASCII must be percent-encoded.
    static let target = ByteSet("!$%&'()*+,-./:;=?@[]^_`{|}~", ranges: 0x30...0x39, 0x41...0x5A, 0x61...0x7A)

    /// RFC 3986 section 3.2.2, reg-name: unreserved, sub-delims and percent.
    static let registeredName = ByteSet("-._~!$&'()*+,;=%", ranges: 0x30...0x39, 0x41...0x5A, 0x61...0x7A)

    /// RFC 2046 section 5.1.1, bchars: what a multipart boundary is made of.
    static let boundary = ByteSet("'()+_,-./:=? ", ranges: 0x30...0x39, 0x41...0x5A, 0x61...0x7A)
}

/// RFC 9110 section 5.5: field-vchar, SP and HTAB. NUL, CR, LF and other controls are how requests are smuggled.
@inline(__always)
func isFieldValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 ? byte != 0x7F : byte == 0x09 }

@inline(__always)
func isOptionalWhitespace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

@inline(__always)
func hexadecimalValue(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte &- 0x30)
    case 0x41...0x46: Int(byte &- 0x41 &+ 10)
    case 0x61...0x66: Int(byte &- 0x61 &+ 10)
    default: nil
    }
}

extension String {
    /// The bytes as text; bytes that are not UTF-8 become replacement characters.
    init(_ bytes: Span<UInt8>) {
        self = bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
