import Testing
@testable import Server

/// Accept (RFC 9110 section 12.5.1).
@Suite(.timeLimit(.minutes(60))) struct AcceptTests {
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
}
