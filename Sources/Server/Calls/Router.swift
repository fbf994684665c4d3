import HTTPTypes

/// A path and a method -> a route (RFC 9110 sections 15.5.5 and 15.5.6).
///
/// Linear in the number of routes: there are about ten.
struct Router: Sendable {
    /// A route, and the values of its template's {names}.
    typealias Found = (route: Route, values: [String: String])

    let routes: [Route]

    /// A HEAD request finds the route of GET; the HTTP layer drops the body.
    /// - Throws: `Problem` (not_found, method_not_allowed with the methods that there are)
    func find(_ method: HTTPRequest.Method, _ path: String) throws -> Found {
        let segments = Route.segments(path), wanted = method == .head ? .get : method
        for route in routes where route.method == wanted {
            if let values = route.match(segments) { return (route, values) }
        }

        let others = routes.filter { $0.match(segments) != nil }
        guard !others.isEmpty else {
            throw Problem(.notFound, "there is nothing at \(path.prefix(200))")
        }
        var problem = Problem(.methodNotAllowed, "\(method.rawValue) is not possible at \(path.prefix(200))")
        problem.allow = Self.methods(others)
        throw problem
    }

    /// RFC 9110 section 9.3.7: what is possible at a path, or with * at any.
    /// - Returns: nil for another method than OPTIONS, and for a path at which there is nothing.
    func options(_ method: HTTPRequest.Method, _ path: String) -> Response? {
        guard method == .options else { return nil }
        let segments = Route.segments(path), found = path == "*" ? routes : routes.filter { $0.match(segments) != nil }
        guard !found.isEmpty else { return nil }
        return Response(status: .noContent, fields: [.allow: Self.methods(found).map(\.rawValue).joined(separator: ", ")])
    }

    private static func methods(_ routes: [Route]) -> [HTTPRequest.Method] {
        let all = routes.flatMap { $0.method == .get ? [.get, .head] : [$0.method] } + [.options]
        return all.indices.filter { !all[..<$0].contains(all[$0]) }.map { all[$0] }
    }

    /// - Throws: `Problem` (invalid_parameter) for a query parameter that a call of the interface does not have: a misspelt option must
    ///   not pass silently. The pages and what tells of the service take any: shared links come with marks of their own, probes with
    ///   numbers against caches.
    func check(_ query: [(name: String, value: String)], for route: Route) throws {
        guard route.isStrict else { return }
        for (name, _) in query where !route.parameters.contains(name) {
            let known = route.parameters.isEmpty ? "none" : route.parameters.joined(separator: ", ")
            throw Problem.parameter("'\(name.prefix(40))'", "is unknown", "use only those that this call has: \(known)")
        }
    }
}
