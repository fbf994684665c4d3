import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct HTTPFieldValueTests {
    @Test func mediaTypes() throws {
        let type = try #require(MediaType(" Multipart/Form-Data ; Boundary=\"a\\\"b c\"; charset=UTF-8;"))
        #expect(type.essence == "multipart/form-data")
        #expect(type.parameter("boundary") == "a\"b c")
        #expect(type.parameter("charset") == "UTF-8")
        #expect(type.parameter("none") == nil)
        for text in ["", "image", "image/", "/png", "image/png/x", "image/png; x", "image/png; x=\"y", "image/png x"] {
            #expect(MediaType(text) == nil, "\(text)")
        }
    }

    @Test func acceptPrefersQualityThenOrder() throws {
        let accept = try #require(Accept("text/*;q=0.3, text/html;q=0.7, image/png, image/*;q=0.5, */*;q=0.1"))
        #expect(accept.quality(of: "text/html") == 0.7)
        #expect(accept.quality(of: "text/plain") == 0.3)
        #expect(accept.quality(of: "application/json") == 0.1)
        #expect(accept.preferred(among: ["image/jpeg", "image/png"]) == "image/png")
        #expect(try #require(Accept("*/*")).preferred(among: ["image/jpeg", "image/png"]) == "image/jpeg")
        #expect(try #require(Accept("image/png;q=0, image/*")).preferred(among: ["image/png"]) == nil)
        #expect(try #require(Accept("text/html")).preferred(among: ["image/png"]) == nil)
        #expect(try #require(Accept("")).preferred(among: ["image/png"]) == "image/png")
        #expect(try #require(Accept(", text/html ,, image/png;q=1.000 ,")).quality(of: "image/png") == 1)
        for text in [
            "image", "image/png;q=2", "image/png;q=0.1234", "image/png;q=-1", "image/png;q=abc", "*/png", "image/png;q", "a/b c/d",
        ] {
            #expect(Accept(text) == nil, "\(text)")
        }
    }

    @Test func preferences() {
        #expect(Prefer("respond-async, wait=10") == Prefer("wait=\"10\" ; x=y , foo; bar, Respond-Async"))
        #expect(Prefer("respond-async, wait=10").respondAsync)
        #expect(Prefer("wait=10, wait=20").waitSeconds == 10)
        #expect(Prefer("wait=-1").waitSeconds == nil)
        #expect(Prefer("wait").waitSeconds == nil)
        #expect(Prefer("wait=99999999999999999999").waitSeconds == nil)
        #expect(!Prefer("return=minimal").respondAsync)
        #expect(!Prefer("").respondAsync)
        #expect(!Prefer("x=\"respond-async").respondAsync)
    }
}
