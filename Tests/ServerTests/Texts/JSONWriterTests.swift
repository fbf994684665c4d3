import Foundation
import Testing
@testable import Engine
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct JSONWriterTests {
    private struct Member: JSONWritable {
        let number: Int
        func write(_ json: inout JSONWriter) { json.object { $0.member("n", number) } }
    }

    private func text(_ members: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        json.object(members)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func structure() {
        #expect(text { _ in } == "{}")
        #expect(
            text { json in
                json.array("a", [Member(number: 1), Member(number: 2)]) { $0.value($1) }
                json.array("b", [Member]()) { $0.value($1) }
                json.member("c", Member(number: 3))
                json.member("d", Member?.none)
                json.object("e", Optional("x")) { json, value in
                    json.member("f", value)
                    json.member("g", true)
                }
                json.object("h", Int?.none) { $0.member("i", $1) }
                json.member("j", Int?.none)
            } == #"{"a":[{"n":1},{"n":2}],"b":[],"c":{"n":3},"d":null,"e":{"f":"x","g":true},"h":null,"j":null}"#)
    }

    @Test(arguments: [
        0.0, -0.0, 1, -1, 0.1, 1.0 / 3, 0.005748507000000001, 1e15, 123_456_789.5, 1e16, 1e300, 5e-324, -2.5e-7, .greatestFiniteMagnitude,
    ])
    func numbersComeBack(number: Double) throws {
        let written = text { $0.member("x", number) }
        #expect(try JSONDecoder().decode([String: Double].self, from: Data(written.utf8)) == ["x": number], "\(written)")
    }

    @Test func wholeNumbersHaveNoPointAndWhatIsNotFiniteIsNull() {
        #expect(text { $0.member("x", 2.0) } == #"{"x":2}"#)
        #expect(text { $0.member("x", Int.min) } == #"{"x":-9223372036854775808}"#)
        for number in [Double.nan, .infinity, -.infinity] { #expect(text { $0.member("x", number) } == #"{"x":null}"#) }
    }

    @Test(arguments: ["", "plain", "\"", "\\", "a\"b\\c/d", "\n\r\t\u{8}\u{c}\0\u{1f}\u{7f}", "é😀\u{2028}\u{FFFF}", "\u{1}", "end\n"])
    func textsComeBack(original: String) throws {
        let written = text { $0.member("x", original) }
        #expect(try JSONDecoder().decode([String: String].self, from: Data(written.utf8)) == ["x": original], "\(written)")
        #expect(!written.utf8.contains { $0 < 0x20 })
    }

    @Test func controlsAreEscapedAsTheStandardSays() {
        #expect(text { $0.member("x", "\u{1}\u{1f}\"\\\n") } == #"{"x":"\u0001\u001f\"\\\n"}"#)
    }

    /// As JSONEncoder writes them: keys of contents, which are stored, are made of this text.
    @Test func optionsAreStoredAsEver() throws {
        var options = JobOptions()
        #expect(options.stored == #"{"format":null,"metadata":"keep","preview":null,"quality":null,"strength":1}"#)
        options = try JobOptions([
            ("strength", "0.3"), ("metadata", "strip-gps"), ("preview", "640"), ("format", "jpeg"), ("quality", "80"),
        ])
        #expect(options.stored == #"{"format":"jpeg","metadata":"strip-gps","preview":640,"quality":80,"strength":0.3}"#)
        #expect(try JobOptions(stored: options.stored, timestep: nil) == options)
        #expect(try JobOptions(stored: options.stored, timestep: 7).timestep == 7)
        #expect(throws: Problem.self) { try JobOptions(stored: #"{"metadata":"sing"}"#, timestep: nil) }
    }

    @Test func timesAreThoseOfFoundation() throws {
        for _ in 0..<2_000 {
            // From 1600 on: Foundation counts days before 1582 by the Julian calendar, RFC 3339 by the Gregorian.
            let milliseconds = Int64.random(in: -11_676_096_000_000...253_402_300_799_999)
            let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000), text = RFC3339.text(date)
            let read = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            #expect(abs(read.timeIntervalSince(date)) < 0.0005, "\(text) for \(milliseconds)")
        }
    }

    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (-0.001, "1969-12-31T23:59:59.999Z"), (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
        (951_782_400, "2000-02-29T00:00:00.000Z"), (1_699_999_999.9996, "2023-11-14T22:13:20.000Z"), (.nan, "0000-01-01T00:00:00.000Z"),
        (.infinity, "9999-12-31T23:59:59.999Z"),
    ])
    func times(seconds: Double, text: String) {
        #expect(RFC3339.text(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test func decodedTextsAreBounded() throws {
        let texts = DecodedTexts<[Int]>(maxCount: 2)
        for _ in 0..<2 {
            for number in 0..<5 { #expect(try texts.value(of: "[\(number)]") == [number]) }
        }
        #expect(throws: DecodingError.self) { try texts.value(of: "[") }
        #expect(try texts.value(of: "[4]") == [4])
        #expect(texts.count <= 2)
    }
}
