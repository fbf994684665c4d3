import HTTPTypes
@testable import Server

/// What the parser said about some bytes, one line an event, so that two feedings can be compared.
struct HTTPTranscript: Equatable {
    private(set) var events: [String] = []
    private(set) var body: [UInt8] = []
    private(set) var error: ProtocolError?
    private(set) var heads: [MessageHead] = []

    /// Feeds the bytes as a connection does: each piece behind what the parser left over.
    init(_ pieces: [[UInt8]], limits: HTTPLimits = HTTPLimits(), limitBody: Int? = nil) {
        var parser = MessageParser(limits: limits)
        var pending: [UInt8] = []
        for piece in pieces where error == nil {
            pending += piece
            var position = 0
            do throws(ProtocolError) {
                feeding: while true {
                    switch try parser.next(pending.span, at: &position) {
                    case .needsBytes: break feeding
                    case .head(let head):
                        heads.append(head)
                        events.append(
                            "head \(head.request.method) \(head.request.authority ?? "-") \(head.request.path ?? "-") "
                                + "\(head.framing) \(head.request.headerFields.map(\.description))")
                        if let limitBody { try parser.limitBody(to: limitBody) }
                    case .body(let range): body += pending[range]
                    case .end: events.append("end \(body.count)")
                    }
                }
            } catch {
                self.error = error
                events.append("error \(error.status.code)")
            }
            pending.removeFirst(position)
        }
    }

    init(_ text: String, limits: HTTPLimits = HTTPLimits(), limitBody: Int? = nil) {
        self.init([Array(text.utf8)], limits: limits, limitBody: limitBody)
    }

    var status: Int? { error?.status.code }

    static func == (left: Self, right: Self) -> Bool {
        left.events == right.events && left.body == right.body && left.error == right.error
    }
}
