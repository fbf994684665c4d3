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
        problem.allow = others.flatMap { $0.method == .get ? [.get, .head] : [$0.method] }
        throw problem
    }

    /// - Throws: `Problem` (invalid_parameter) for a query parameter that the route does not have: a misspelt option must
    ///   not pass silently.
    func check(_ query: [(name: String, value: String)], for route: Route) throws {
        for (name, _) in query where !route.parameters.contains(name) {
            let known = route.parameters.isEmpty ? "none" : route.parameters.joined(separator: ", ")
            throw Problem.parameter("'\(name.prefix(40))'", "is unknown", "use only those that this call has: \(known)")
        }
    }
}
