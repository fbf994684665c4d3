import Logging
import Storage

/// What every line of the log about a job carries: the job, the request that made it, the trace that it belongs to.
extension Job {
    var logMetadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["job": "\(id)"]
        if let requestID = context.requestID { metadata["request"] = "\(requestID)" }
        if let trace = TraceContext(traceparent: context.traceparent, tracestate: nil) { metadata.merge(trace.logMetadata) { $1 } }
        return metadata
    }
}
