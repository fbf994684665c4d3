import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct RequestTargetTests {
    @Test func pathAndQueryAreDecoded() throws {
        let target = try RequestTarget("/v1/a%20b/%C3%A9+?state=queued&x=%26+y&flag&=v&&x=2&e=")
        #expect(target.path == "/v1/a b/é+")  // a plus in a path is a plus
        #expect(target.query.map(\.name) == ["state", "x", "flag", "", "x", "e"])
        #expect(target.query.map(\.value) == ["queued", "& y", "", "v", "2", ""])
    }

    @Test func anEncodedSlashSeparatesNothing() throws {
        let target = try RequestTarget("/v1%2fjobs%2F%2f?x=a%2Fb")
        #expect(target.path == "/v1%2Fjobs%2F%2F")
        #expect(target.query.first?.value == "a/b")
    }

    @Test func plainTargetsStayAsTheyAre() throws {
        #expect(try RequestTarget("/").path == "/")
        #expect(try RequestTarget("*").path == "*")
        #expect(try RequestTarget("/a?").query.isEmpty)
        #expect(try RequestTarget("/..//a").path == "/..//a")
    }

    @Test(arguments: ["/%", "/%1", "/%G0", "/%00", "/%C3", "/%ED%A0%80", "/?a=%", "/?%FF=1"]) func refuses(target: String) {
        #expect(throws: ProtocolError.self) { try RequestTarget(target) }
    }
}
