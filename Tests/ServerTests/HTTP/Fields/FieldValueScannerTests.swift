import Testing
@testable import Server

/// Tokens, quoted strings and parameters (RFC 9110 section 5.6).
@Suite(.timeLimit(.minutes(60))) struct FieldValueScannerTests {
    private typealias Parameter = FieldValueScanner.Parameter

    @Test func aWordIsATokenOrQuoted() {
        for (text, word) in [("abc;d", "abc"), (#""a b""#, "a b"), (#""a\"b""#, #"a"b"#), (#""""#, "")] as [(String, String?)] {
            var scanner = FieldValueScanner(text)
            #expect(scanner.word() == word, "\(text)")
        }
        for text in [#""open"#, #""open\""#, ";", "", "(a)"] {
            var scanner = FieldValueScanner(text)
            #expect(scanner.word() == nil, "\(text)")
        }
    }

    @Test func parametersAreNamedInSmallLetters() {
        var scanner = FieldValueScanner(#" ; Charset=UTF-8;; q="0;5" ;"#)
        #expect(scanner.parameters() == [Parameter(name: "charset", value: "UTF-8"), Parameter(name: "q", value: "0;5")])
        #expect(scanner.isAtEnd)
    }

    @Test(arguments: [";a", ";a=", ";a=;", #";a="b"#]) func halfAParameterIsNone(text: String) {
        var scanner = FieldValueScanner(text)
        #expect(scanner.parameters() == nil)
    }

    /// What is not taken leaves the place as it was, with the whitespace before it.
    @Test func whatIsNotNextIsNotTaken() {
        var scanner = FieldValueScanner("  ,a")
        #expect(!scanner.take(";") && scanner.take(",") && scanner.token() == "a" && scanner.isAtEnd && !scanner.take(","))
    }
}
