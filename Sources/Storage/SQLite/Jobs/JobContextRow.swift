import GRDB

/// The columns of the table `job` that tell where a job came from.
extension JobContext {
    static let columns = "key_id, request_id, traceparent, tracestate, webhook_url"

    /// Reads a context from a row that has `columns`.
    init(row: Row) throws {
        keyID = try row.decode(forColumn: "key_id")
        requestID = try row.decode(forColumn: "request_id")
        traceparent = try row.decode(forColumn: "traceparent")
        tracestate = try row.decode(forColumn: "tracestate")
        webhookURL = try row.decode(forColumn: "webhook_url")
    }

    var arguments: StatementArguments {
        [
            "keyID": keyID, "requestID": requestID, "traceparent": traceparent, "tracestate": tracestate, "webhookURL": webhookURL,
        ]
    }
}
