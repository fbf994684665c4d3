import Foundation

/// A request that has found its route.
struct Call: Sendable {
    let request: Request
    /// What stands in the path for the {names} of the route's template.
    let path: [String: String]
    var caller = Caller.anyone
    /// The request's own span; nil when the client sent none.
    var trace: TraceContext?

    /// The job that the path names; an empty text is no id, so a template without {id} finds no job.
    var id: String { path["id"] ?? "" }

    /// The values of a query parameter, in order.
    func query(_ name: String) -> [String] {
        request.query.filter { $0.name == name }.map(\.value)
    }

    /// - Throws: `Problem` (invalid_parameter) when it is given twice.
    func single(_ name: String) throws -> String? {
        let values = query(name)
        guard values.count <= 1 else { throw Problem.parameter(name, "is given \(values.count) times", "give it once") }
        return values.first
    }

    /// A whole number within `range`; nil when it is not given.
    /// - Throws: `Problem` (invalid_parameter)
    func integer(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let text = try single(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let measured = Int(text)
            throw Problem.parameter(
                name, "is '\(text.prefix(40))'", "use a whole number from \(range.lowerBound) to \(range.upperBound)",
                limit: measured.map { $0 < range.lowerBound ? range.lowerBound : range.upperBound }, measured: measured)
        }
        return value
    }

    /// A moment; nil when it is not given.
    /// - Throws: `Problem` (invalid_parameter)
    func date(_ name: String) throws -> Date? {
        guard let text = try single(name) else { return nil }
        guard let date = RFC3339.date(text) else {
            throw Problem.parameter(
                name, "is '\(text.prefix(40))'",
                "use a time as RFC 3339 writes it, for instance 2026-01-31T12:00:00Z; a + in it is written %2B")
        }
        return date
    }
}
