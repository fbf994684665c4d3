import HTTPTypes
import Testing
@testable import Server

/// One line of a header (RFC 9112 section 5).
@Suite(.timeLimit(.minutes(60))) struct FieldLineTests {
    private func field(_ line: String) throws(ProtocolError) -> HTTPField { try FieldLine.field(Array(line.utf8).span) }

    @Test(arguments: [
        ("Host: example.org", "Host", "example.org"), ("a:b", "a", "b"), ("A:", "A", ""), ("A: \t \t", "A", ""),
        ("A:\t x \t y\t", "A", "x \t y"),
        ("A: b:c", "A", "b:c"), ("!#$%&'*+-.^_`|~9: x", "!#$%&'*+-.^_`|~9", "x"),
    ])
    func aFieldHasNameAndValue(line: String, name: String, value: String) throws {
        let field = try field(line)
        #expect(field.name.rawName == name && field.value == value)
    }

    @Test(arguments: [
        ("", "has no colon"), ("Host", "has no colon"), (" Host: x", "starts with whitespace"), ("Host : x", "before a header's colon"),
        (": x", "has no name"), ("Ho@st: x", "contains the byte 64"), ("A: x\0y", "control byte 0"), ("A: x\ry", "control byte 13"),
        ("A: \u{7F}", "control byte 127"),
    ])
    func whatSmugglersWriteIsRefused(line: String, reason: String) {
        #expect { _ = try field(line) } throws: { error in
            (error as? ProtocolError)?.status == .badRequest && (error as? ProtocolError)?.detail.contains(reason) == true
        }
    }

    /// Obsolete text (section 5.5 of RFC 9110) is handed on, byte for byte.
    @Test func bytesThatAreNotUTF8AreKept() throws {
        let field = try FieldLine.field((Array("A: x".utf8) + [0xFF, 0xE9]).span)
        #expect(field.withUnsafeBytesOfValue { Array($0) } == Array("x".utf8) + [0xFF, 0xE9])
    }
}
