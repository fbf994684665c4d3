import Foundation
import HTTPTypes

public enum ResponseBody: Sendable {
    case empty
    case data(Data)
    case file(URL, offset: Int, length: Int)  // bytes; sent by Linux, never read into this process
    case stream(ResponseStream)
}

/// An answer. The server adds Date, Content-Length and Connection, and leaves the body away where RFC 9110 section 6.4.1 says so
/// (HEAD, 204, 304). With an empty body, HEAD and 304 keep a Content-Length that is set here.
public struct Response: Sendable {
    public var status: HTTPResponse.Status
    public var fields: HTTPFields
    public var body: ResponseBody

    public init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ResponseBody = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
