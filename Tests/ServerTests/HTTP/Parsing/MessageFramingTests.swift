import HTTPTypes
import Testing
@testable import Server

/// Where a message ends (RFC 9112 section 6).
@Suite(.timeLimit(.minutes(60))) struct MessageFramingTests {
    private func framing(_ fields: [(HTTPField.Name, String)], version: HTTPVersion = .http11) throws(ProtocolError) -> MessageFraming {
        var all = HTTPFields()
        for (name, value) in fields { all.append(HTTPField(name: name, value: value)) }
        return try MessageFraming(fields: all, version: version)
    }

    private func status(_ fields: [(HTTPField.Name, String)], version: HTTPVersion = .http11) -> Int {
        do {
            _ = try framing(fields, version: version)
            return 200
        } catch {
            return error.status.code
        }
    }

    @Test func aLengthMayBeSaidTwiceAlike() throws {
        #expect(try framing([]) == .none && framing([(.contentLength, "0")]) == .length(0))
        #expect(try framing([(.contentLength, "7, 7"), (.contentLength, "07")]) == .length(7))
        #expect(try framing([(.transferEncoding, "Chunked")]) == .chunked)
    }

    @Test(arguments: ["", "-1", "+1", "1 2", "0x10", "7, 8", "7,", "1.0", "٣"]) func anotherLengthIsRefused(text: String) {
        #expect(status([(.contentLength, text)]) == 400)
    }

    /// Beyond 63 bits it is no length; below, it is one, and the limit on bodies refuses it.
    @Test func aLengthThatNothingCanHaveIsRefused() throws {
        for text in ["9223372036854775808", "99999999999999999999"] { #expect(status([(.contentLength, text)]) == 400) }
        #expect(try framing([(.contentLength, "9223372036854775807")]) == .length(.max))
    }

    /// Both at once is how requests are smuggled (section 6.1).
    @Test func lengthAndChunksExcludeEachOther() {
        #expect(status([(.transferEncoding, "chunked"), (.contentLength, "0")]) == 400)
        #expect(status([(.transferEncoding, "chunked")], version: .http10) == 400)
    }

    @Test(arguments: [
        ("chunked, chunked", 400), ("chunked, gzip", 400), ("chunked;a=b", 400), ("", 400), ("gzip", 501), ("gzip, chunked", 501),
    ])
    func otherCodingsAreRefused(text: String, code: Int) {
        #expect(status([(.transferEncoding, text)]) == code)
    }
}
