import Testing
@testable import Server

/// Lines that end in CRLF, as their bytes arrive.
@Suite(.timeLimit(.minutes(60))) struct LineScannerTests {
    private static func tooLong(_ measured: Int) -> ProtocolError {
        ProtocolError(.contentTooLarge, "too long", limit: 5, measured: measured)
    }

    /// However the bytes are cut, the same lines come out.
    @Test func aLineMayArriveInPieces() throws {
        let bytes = Array("ab\r\n\r\nc\rd\r\nrest".utf8)
        for cut in 0...bytes.count {
            var scanner = LineScanner(), position = 0, lines: [String] = []
            for input in [Array(bytes[..<cut]), bytes] {
                while let line = try scanner.line(in: input.span, at: &position, maxBytes: 10, tooLong: Self.tooLong) {
                    lines.append(String(decoding: input[line], as: UTF8.self))
                }
            }
            #expect(lines == ["ab", "", "c\rd"] && position == 11, "cut at \(cut)")
        }
    }

    @Test(arguments: ["ab\n", "\n", "a\r\rb\n"]) func aBareLineFeedEndsNothing(text: String) {
        var scanner = LineScanner(), position = 0
        #expect(throws: ProtocolError.badRequest("A line ends in LF without CR.")) {
            _ = try scanner.line(in: Array(text.utf8).span, at: &position, maxBytes: 10, tooLong: Self.tooLong)
        }
    }

    /// Five bytes are allowed: with their CR, without their end, and not one more.
    @Test(arguments: [("abcde\r\n", nil), ("abcde", nil), ("abcde\r", nil), ("abcdef\r\n", 6), ("abcdefg", 7)] as [(String, Int?)])
    func aLineHasALimit(text: String, measured: Int?) throws {
        var scanner = LineScanner(), position = 0
        do {
            _ = try scanner.line(in: Array(text.utf8).span, at: &position, maxBytes: 5, tooLong: Self.tooLong)
            #expect(measured == nil)
        } catch {
            #expect(error.measured == measured)
        }
    }
}
