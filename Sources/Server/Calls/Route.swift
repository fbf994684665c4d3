import Foundation
import HTTPTypes

/// One call of the interface: where it lives, what it takes, what it may answer, and the code that does.
///
/// The statuses and problems are declared, not derived; a test holds them against openapi.yaml, and every response that a
/// test sees against both.
struct Route: Sendable {
    /// Takes the one answer of a call.
    typealias Reply = @Sendable (Response) -> Void

    /// How the answer comes about, and on which thread.
    enum Answer: Sendable {
        /// On the event loop: no disk, no waiting.
        case immediate(@Sendable (Call) throws -> Response)
        /// Answers on the queue for short blocking work.
        case blocking(@Sendable (Call) throws -> Response)
        /// As `blocking`, but answered later; either throws or calls `reply` once.
        case deferred(@Sendable (Call, @escaping Reply) throws -> Void)
    }

    /// Whether the call takes a picture in its body.
    enum Body: Sendable {
        case none, picture
    }

    let method: HTTPRequest.Method
    /// The template of the paths that this route takes, for instance /v1/jobs/{id}/result.
    let template: String
    private let segments: [Segment]
    /// Calls below /v1/; what tells of the service itself and the pages are open.
    var needsKey: Bool { template.hasPrefix("/v1/") }
    /// Whether a query parameter that the route does not have is refused.
    var isStrict: Bool { template.hasPrefix("/v1/") }
    /// Names of the query parameters; any other is refused where the route is strict.
    let parameters: [String]
    let body: Body
    /// The statuses with which this route succeeds.
    let successes: Set<Int>
    /// Problems particular to this call. Any call may meet those of `anywhere` too.
    let problems: Set<ProblemType>
    /// Throws, before a body is read, the `Problem` that it would meet behind it as far as the head and what is in memory show. Runs on an
    /// event loop: no disk, no waiting.
    let foresee: @Sendable (HTTPRequest) throws -> Void
    let answer: Answer

    /// What the protocol layer, the router or a defect may answer to any request.
    static let anywhere: Set<ProblemType> = [
        .malformedRequest, .notFound, .methodNotAllowed, .requestTimeout, .targetTooLong, .expectationFailed, .headerTooLarge,
        .notImplemented, .versionNotSupported, .stopping, .storeUnavailable, .internalError, .unauthorized, .forbidden, .rateLimited,
        .quotaUsed, .busy,
    ]

    init(
        _ method: HTTPRequest.Method, _ template: String, parameters: [String] = [], body: Body = .none,
        successes: Set<Int> = [200], problems: Set<ProblemType> = [], foresee: @escaping @Sendable (HTTPRequest) throws -> Void = { _ in },
        _ answer: Answer
    ) {
        self.method = method
        self.template = template
        segments = Self.segments(template).map { text in
            text.hasPrefix("{") && text.hasSuffix("}") ? .value(String(text.dropFirst().dropLast())) : .text(String(text))
        }
        self.parameters = parameters
        self.body = body
        self.successes = successes
        // Parameters are checked for every call of the interface, a body that nobody asked for is limited.
        var problems = problems.union([.bodyTooLarge])
        if template.hasPrefix("/v1/") { problems.insert(.invalidParameter) }
        // A job that is not there may have been.
        if problems.contains(.unknownJob) { problems.insert(.jobExpired) }
        // A picture may come before the weights.
        if body == .picture { problems.insert(.notReady) }
        self.problems = problems
        self.foresee = foresee
        self.answer = answer
    }

    private enum Segment: Sendable {
        case text(String)
        case value(String)  // its name
    }

    /// What stands between slashes, the empty text before the first included.
    static func segments(_ path: String) -> [Substring] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Substring.init)
    }

    /// - Parameter path: its segments.
    /// - Returns: the values of the template's {names}; nil when `path` is another.
    func match(_ path: [Substring]) -> [String: String]? {
        guard segments.count == path.count else { return nil }
        var values: [String: String] = [:]
        for (segment, found) in zip(segments, path) {
            switch segment {
            case .text(let text): guard text == found else { return nil }
            case .value(let name):
                guard !found.isEmpty else { return nil }
                values[name] = String(found)
            }
        }
        return values
    }
}
