import Testing
@testable import Server

/// Sets of ASCII bytes.
@Suite(.timeLimit(.minutes(60))) struct ByteSetTests {
    /// RFC 9110 section 5.6.2: delimiters are no part of a token.
    @Test func delimitersAreNoTokens() {
        for byte in "(),/:;<=>?@[\\]{}\" \t\r\n\0".utf8 { #expect(!ByteSet.token.contains(byte), "\(byte)") }
        for byte in "azAZ09!#$%&'*+-.^_`|~".utf8 { #expect(ByteSet.token.contains(byte), "\(byte)") }
    }

    @Test func nothingAboveASCIIIsAMember() {
        for byte in UInt8(127)...255 {
            for set in [ByteSet.token, .target, .registeredName, .boundary] { #expect(!set.contains(byte), "\(byte)") }
        }
    }

    @Test func bothWordsAreKept() {
        let set = ByteSet("?@", ranges: 0x7E...0x7E)  // 63 and 64, at the border of the two
        #expect((UInt8(0)...255).filter(set.contains) == [63, 64, 126])
    }

    @Test func controlsAreNoFieldValues() {
        #expect((UInt8(0)...255).filter { !isFieldValueByte($0) } == Array(0...8) + Array(10...31) + [127])
        #expect((UInt8(0)...255).filter(isOptionalWhitespace) == [0x09, 0x20])
    }

    @Test func hexadecimalDigitsHaveBothCases() {
        #expect("09afAF".utf8.map(hexadecimalValue) == [0, 9, 10, 15, 10, 15])
        #expect("/:@G`g".utf8.allSatisfy { hexadecimalValue($0) == nil })
    }
}
