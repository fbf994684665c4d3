import Foundation
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct MultipartTests {
    private let type = "multipart/form-data; boundary=XX"

    private func parts(_ text: String, type: String? = nil) throws -> [Multipart.Part] {
        try Multipart.parts(body: Data(text.utf8), contentType: type ?? self.type)
    }

    @Test func fieldsAndFiles() throws {
        let parts = try parts(
            "preamble\r\n--XX\r\nContent-Disposition: form-data; name=\"timestep\"\r\n\r\nauto\r\n--XX \t\r\n"
                + "content-disposition: Form-Data; filename=\"a \\\"b\\\".png\"; name=image\r\nContent-Type: image/png\r\nX: y\r\n\r\n\r\n--X\r\n--XXY\r\n\r\n--XX--\r\nepilogue"
        )
        #expect(parts.map(\.name) == ["timestep", "image"])
        #expect(parts.map(\.filename) == [nil, "a \"b\".png"])
        #expect(parts.map(\.contentType) == [nil, "image/png"])
        #expect(parts.map { String(decoding: $0.data, as: UTF8.self) } == ["auto", "\r\n--X\r\n--XXY\r\n"])
    }

    @Test func binaryContentOfASliceIsKept() throws {
        let content = Data((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        var body = Data("junk--XX\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n".utf8)
        body.append(content)
        body.append(Data("\r\n--XX--".utf8))
        let parts = try Multipart.parts(body: body.dropFirst(4), contentType: type)
        #expect(parts.count == 1)
        #expect(parts[0].data == content)
    }

    @Test func emptyContent() throws {
        #expect(try parts("--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n--XX--")[0].data.isEmpty)
    }

    @Test func quotedBoundary() throws {
        #expect(
            try parts("--a b\r\nContent-Disposition: form-data; name=n\r\n\r\nv\r\n--a b--", type: "multipart/form-data; boundary=\"a b\"")
                .count == 1)
    }

    /// As browsers and clients of the world write them (undici, WHATWG, curl).
    @Test func namesOfFilesWithBackslashes() throws {
        for (sent, expected) in [
            (#""a\""#, #"a\"#), (#""C:\photos\x.jpg""#, #"C:\photos\x.jpg"#), (#""a\\b""#, #"a\b"#), (#""a \"b\".png""#, #"a "b".png"#),
            (#""a\"; x=y"#, #"a\"#),
        ] {
            let part = try parts("--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\(sent)\r\n\r\nv\r\n--XX--")[0]
            #expect(part.filename == expected, "\(sent)")
        }
    }

    @Test func foldedHeadersOfParts() throws {
        let part = try parts(
            "--XX\r\nContent-Disposition: form-data; name=\"f\";\r\n filename=\"a.jpg\"\r\nContent-Type:\r\n\timage/jpeg\r\n\r\nv\r\n--XX--"
        )[0]
        #expect(part.name == "f" && part.filename == "a.jpg" && part.contentType == "image/jpeg")
    }

    @Test func aFormWhoseBoundaryCannotBeReadIsAForm() {
        for (type, named) in [
            ("multipart/form-data; boundary=a@b", "boundary=a@b"), ("Multipart/Form-Data ; boundary=", "boundary="),
            ("multipart/form-data; boundary=\"a@b\"", "a@b"),
        ] {
            #expect(Multipart.isForm(type))
            #expect(throws: MultipartError.invalidBoundary(named)) { try parts("--a@b--", type: type) }
            #expect(MultipartError.invalidBoundary(named).detail.contains(named))
        }
        #expect(!Multipart.isForm("image/png") && !Multipart.isForm("multipart/form-database"))
    }

    @Test func refuses() {
        let part = "--XX\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nv"
        func error(_ text: String, _ type: String? = nil) -> MultipartError? {
            do { _ = try parts(text, type: type) } catch { return error as? MultipartError }
            return nil
        }
        #expect(error(part + "\r\n--XX--") == nil)
        #expect(error(part, "image/png") == .notMultipart)
        #expect(error(part, "multipart/mixed; boundary=XX") == .notMultipart)
        #expect(error(part, "multipart/form-data") == .missingBoundary)
        #expect(error(part, "multipart/form-data; boundary=\"\"") == .invalidBoundary(""))
        #expect(error(part, "multipart/form-data; boundary=\"a \"") == .invalidBoundary("a "))
        #expect(
            error(part, "multipart/form-data; boundary=\(String(repeating: "x", count: 71))")
                == .invalidBoundary(String(repeating: "x", count: 71)))
        #expect(error(part) == .unterminated)
        #expect(error(part + "\n--XX--") == .unterminated)
        #expect(error("") == .noParts)
        #expect(error("no boundary here") == .noParts)
        #expect(error("--XX--") == .noParts)
        for malformed in [
            "--XX\r\n--XX--", "--XX\r\n\r\n--XX--", "--XX\r\n\r\nv\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\nv\r\n--XX--",
            "--XX\r\nContent-Disposition: attachment; name=x\r\n\r\nv\r\n--XX--",
            "--XX\r\nContent-Disposition: form-data; name=x\r\n--XX--",
            "--XX\r\nContent-Disposition : form-data; name=x\r\n\r\nv\r\n--XX--",
            "--XX\r\nX: \(String(repeating: "x", count: 17_000))\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--XX--",
        ] {
            guard case .malformedPart(let reason)? = error(malformed) else {
                Issue.record("accepted or misnamed: \(malformed.prefix(60))")
                continue
            }
            #expect(!reason.isEmpty)
        }
        let many = String(repeating: part + "\r\n", count: 65) + "--XX--"
        #expect(error(many) == .tooManyParts(limit: 64))
    }
}
