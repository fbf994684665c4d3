import HTTPTypes

/// A message that HTTP/1.1 does not allow, or that is over a limit. It becomes `HTTPHandler.problem`, and the connection closes.
public struct ProtocolError: Error, Equatable, Sendable {
    public let status: HTTPResponse.Status
    public let detail: String
    public let limit: Int?
    public let measured: Int?

    init(_ status: HTTPResponse.Status, _ detail: String, limit: Int? = nil, measured: Int? = nil) {
        self.status = status
        self.detail = detail
        self.limit = limit
        self.measured = measured
    }

    static func badRequest(_ detail: String) -> ProtocolError { ProtocolError(.badRequest, detail) }
}
