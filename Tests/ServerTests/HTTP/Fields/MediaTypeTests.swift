import Testing
@testable import Server

/// Content-Type (RFC 9110 section 8.3).
@Suite(.timeLimit(.minutes(60))) struct MediaTypeTests {
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
}
