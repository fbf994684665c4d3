import HTTPTypes
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct RouterTests {
    private let router = Router(routes: [
        Route(.get, "/a", .immediate { _ in Response(status: .ok) }),
        Route(.post, "/a", parameters: ["x"], .immediate { _ in Response(status: .ok) }),
        Route(.get, "/a/{id}/b", .immediate { _ in Response(status: .ok) }),
        Route(.delete, "/a/{id}", .immediate { _ in Response(status: .ok) }),
        Route(.get, "/v1/a", parameters: ["x"], .immediate { _ in Response(status: .ok) }),
    ])

    private func problem(_ body: () throws -> Void) -> Problem? {
        do { try body() } catch { return error as? Problem }
        return nil
    }

    @Test func findsPathAndMethod() throws {
        #expect(try router.find(.post, "/a").route.parameters == ["x"])
        #expect(try router.find(.head, "/a").route.method == .get)
        let found = try router.find(.get, "/a/42/b")
        #expect(found.route.template == "/a/{id}/b")
        #expect(found.values == ["id": "42"])
    }

    @Test(arguments: ["/", "", "/b", "/a/", "//a", "/a/1/", "/a//b", "/a/1/b/2", "/A"])
    func otherPathsAreNotFound(path: String) {
        #expect(problem { _ = try router.find(.get, path) }?.type == .notFound)
    }

    @Test(arguments: [
        (HTTPRequest.Method.put, "/a", "GET, HEAD, POST, OPTIONS"), (.get, "/a/1", "DELETE, OPTIONS"), (.head, "/a/1", "DELETE, OPTIONS"),
        (.delete, "/a/1/b", "GET, HEAD, OPTIONS"),
    ])
    func otherMethodsAreNotAllowed(method: HTTPRequest.Method, path: String, allow: String) {
        let problem = problem { _ = try router.find(method, path) }
        #expect(problem?.type == .methodNotAllowed)
        #expect(problem?.response.fields[.allow] == allow)
    }

    @Test func unknownParametersAreRefused() throws {
        let route = try router.find(.get, "/v1/a").route
        try router.check([("x", "1"), ("x", "2")], for: route)
        #expect(problem { try router.check([("x", "1"), ("y", "2")], for: route) }?.type == .invalidParameter)
        // The pages take any.
        try router.check([("utm_source", "mail")], for: router.find(.post, "/a").route)
    }

    @Test func optionsTellsTheMethods() {
        #expect(router.options(.options, "/a")?.fields[.allow] == "GET, HEAD, POST, OPTIONS")
        #expect(router.options(.options, "/a/1")?.fields[.allow] == "DELETE, OPTIONS")
        #expect(router.options(.options, "*")?.fields[.allow] == "GET, HEAD, POST, DELETE, OPTIONS")
        #expect(router.options(.options, "/b") == nil && router.options(.get, "/a") == nil)
    }
}
