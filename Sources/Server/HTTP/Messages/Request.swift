import Foundation
import HTTPTypes

/// One request, whole. `head.path` is the raw target, `head.authority` the Host (which is no longer among the header fields).
public struct Request: Sendable {
    public let head: HTTPRequest
    public let path: String  // percent-decoded, without query
    public let query: [(name: String, value: String)]  // percent-decoded, in order
    public let body: Data  // empty when there is none
    public let remoteAddress: String  // numeric, without port
    public let id: String  // no other request of this process has it
    public let client: ClientPresence

    public init(
        head: HTTPRequest, path: String, query: [(name: String, value: String)] = [], body: Data = Data(),
        remoteAddress: String = "", id: String = "", client: ClientPresence = ClientPresence()
    ) {
        self.head = head
        self.path = path
        self.query = query
        self.body = body
        self.remoteAddress = remoteAddress
        self.id = id
        self.client = client
    }
}
