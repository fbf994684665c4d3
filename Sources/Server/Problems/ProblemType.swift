import HTTPTypes

/// Every kind of problem that a client can meet: its name, its status, and what to do about it.
///
/// The name is stable; clients may switch on it. It is also `Job.problemType` of a failed job. openapi.yaml lists the same
/// names, and a test holds the two against each other.
///
/// The raw value is the last part of the problem's type URI, `urn:fidediff:problem:NAME` (RFC 9457 section 3.1.1).
enum ProblemType: String, CaseIterable, Sendable {
    // The request
    case malformedRequest = "malformed_request"
    case invalidParameter = "invalid_parameter"
    case invalidForm = "invalid_form"
    case emptyBody = "empty_body"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case bodyTooLarge = "body_too_large"
    case targetTooLong = "target_too_long"
    case notAcceptable = "not_acceptable"
    case preconditionFailed = "precondition_failed"
    case rangeNotSatisfiable = "range_not_satisfiable"
    case idempotencyKeyReused = "idempotency_key_reused"
    case unsupportedContentCoding = "unsupported_content_coding"
    case expectationFailed = "expectation_failed"
    case headerTooLarge = "header_too_large"
    case notImplemented = "not_implemented"
    case versionNotSupported = "version_not_supported"
    case unauthorized = "unauthorized"
    case forbidden = "forbidden"
    case rateLimited = "rate_limited"
    case quotaUsed = "quota_used"
    // The picture
    case notAnImage = "not_an_image"
    case unsupportedImage = "unsupported_image"
    case unreadableImage = "unreadable_image"
    case imageTooSmall = "image_too_small"
    case imageTooLong = "image_too_long"
    case tooManyPixels = "too_many_pixels"
    case tooMuchMemory = "too_much_memory"
    // The job
    case unknownJob = "unknown_job"
    case jobExpired = "job_expired"
    case jobNotFinished = "job_not_finished"
    case jobFailed = "job_failed"
    case jobCancelled = "job_cancelled"
    case resultGone = "result_gone"
    case inputGone = "input_gone"
    case noWebhook = "no_webhook"
    case interrupted = "interrupted"
    case timedOut = "timed_out"
    case jobNotFailed = "job_not_failed"
    case numericalFault = "numerical_fault"
    // The service
    case queueFull = "queue_full"
    case diskFull = "disk_full"
    case storeUnavailable = "store_unavailable"
    case notReady = "not_ready"
    case busy = "busy"
    case stopping = "stopping"
    case internalError = "internal_error"

    var uri: String { "urn:fidediff:problem:" + rawValue }

    /// The status that a response with this problem carries; for a job's own problem, what a waiting client gets.
    var status: HTTPResponse.Status {
        switch self {
        case .malformedRequest, .invalidParameter, .invalidForm, .emptyBody: .badRequest
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound, .unknownJob, .noWebhook: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .preconditionFailed: .preconditionFailed
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .requestTimeout: .requestTimeout
        case .jobNotFinished, .jobFailed, .jobNotFailed: .conflict
        case .jobCancelled, .jobExpired, .resultGone, .inputGone: .gone
        case .bodyTooLarge, .tooManyPixels, .tooMuchMemory: .contentTooLarge
        case .targetTooLong: .uriTooLong
        case .notAnImage, .unsupportedImage, .unsupportedContentCoding: .unsupportedMediaType
        case .expectationFailed: .expectationFailed
        case .unreadableImage, .imageTooSmall, .imageTooLong, .idempotencyKeyReused: .unprocessableContent
        case .queueFull, .rateLimited, .quotaUsed: .tooManyRequests
        case .headerTooLarge: .requestHeaderFieldsTooLarge
        case .interrupted, .timedOut, .numericalFault, .internalError: .internalServerError
        case .notImplemented: .notImplemented
        case .storeUnavailable, .notReady, .busy, .stopping: .serviceUnavailable
        case .versionNotSupported: .httpVersionNotSupported
        // RFC 4918 section 11.5
        case .diskFull: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        }
    }

    /// Short, the same for every occurrence (RFC 9457 section 3.1.3).
    var title: String {
        switch self {
        case .malformedRequest: "Malformed request"
        case .invalidParameter: "Invalid parameter"
        case .invalidForm: "Invalid form"
        case .emptyBody: "Empty body"
        case .notFound: "Unknown path"
        case .methodNotAllowed: "Method not allowed"
        case .requestTimeout: "Request timed out"
        case .bodyTooLarge: "Body too large"
        case .targetTooLong: "Request target too long"
        case .notAcceptable: "Not acceptable"
        case .preconditionFailed: "Precondition failed"
        case .rangeNotSatisfiable: "Range not satisfiable"
        case .idempotencyKeyReused: "Idempotency key reused"
        case .unsupportedContentCoding: "Unsupported content coding"
        case .expectationFailed: "Unknown expectation"
        case .headerTooLarge: "Header too large"
        case .notImplemented: "Not implemented"
        case .versionNotSupported: "HTTP version not supported"
        case .unauthorized: "API key missing or wrong"
        case .forbidden: "Not allowed with this API key"
        case .rateLimited: "Too many requests"
        case .quotaUsed: "Quota used up"
        case .notAnImage: "Not an image"
        case .unsupportedImage: "Unsupported kind of image"
        case .unreadableImage: "Unreadable image"
        case .imageTooSmall: "Image too small"
        case .imageTooLong: "Image too long for JPEG"
        case .tooManyPixels: "Too many pixels"
        case .tooMuchMemory: "Too much memory"
        case .unknownJob: "Unknown job"
        case .jobExpired: "Job expired"
        case .jobNotFinished: "Job not finished"
        case .jobFailed: "Job failed"
        case .jobCancelled: "Job cancelled"
        case .resultGone: "Result gone"
        case .inputGone: "Input gone"
        case .noWebhook: "No webhook"
        case .interrupted: "Interrupted too often"
        case .timedOut: "Took too long"
        case .jobNotFailed: "Job has not failed"
        case .numericalFault: "Numerical fault"
        case .queueFull: "Queue full"
        case .diskFull: "Disk full"
        case .storeUnavailable: "Store unavailable"
        case .notReady: "Not ready"
        case .busy: "Service busy"
        case .stopping: "Service stopping"
        case .internalError: "Internal error"
        }
    }

    /// The way out, as far as it does not depend on the occurrence.
    var whatToDo: String {
        switch self {
        case .malformedRequest: "send a request as RFC 9112 describes it"
        case .invalidParameter: "correct the parameter; /openapi.yaml lists what each call takes"
        case .invalidForm: "send multipart/form-data (RFC 7578) with the picture as a file part, or the picture's bytes alone"
        case .emptyBody: "send the bytes of a JPEG or PNG picture as the body"
        case .notFound: "look up the path in /openapi.yaml"
        case .methodNotAllowed: "use one of the methods in the Allow header"
        case .requestTimeout: "send the request faster, or a smaller picture"
        case .bodyTooLarge: "make the file smaller, for instance as a JPEG, or ask the operator to raise --max-body-bytes"
        case .targetTooLong: "shorten the path and the query"
        case .notAcceptable: "leave Accept out, or name a type that the call lists in /openapi.yaml"
        case .preconditionFailed: "ask again without the condition"
        case .rangeNotSatisfiable: "ask for a range that begins within the picture, or for all of it"
        case .idempotencyKeyReused: "use a fresh Idempotency-Key for each request that asks for something else"
        case .unsupportedContentCoding: "send the picture without Content-Encoding: it is compressed already"
        case .expectationFailed: "leave out the Expect header, or send 100-continue"
        case .headerTooLarge: "send fewer or shorter header fields"
        case .notImplemented: "send the body with Content-Length or chunked"
        case .versionNotSupported: "use HTTP/1.1"
        case .unauthorized: "send the header `Authorization: Bearer KEY`; the operator makes keys with `fidediff key add`"
        case .forbidden: "use a key that may submit"
        case .rateLimited, .quotaUsed: "send it again after the seconds in Retry-After, or ask the operator for a larger quota"
        case .notAnImage: "send a JPEG or PNG file"
        case .unsupportedImage: "convert the picture to an ordinary JPEG or PNG"
        case .unreadableImage: "open the picture in another program; if it is whole there, save it again and send that"
        case .imageTooSmall: "send a picture of at least 16x16 pixels"
        case .imageTooLong: "ask for a PNG: format=png"
        case .tooManyPixels: "make the picture smaller, or ask the operator to raise --max-pixels"
        case .tooMuchMemory: "make the picture smaller, or ask the operator for more memory or fewer --workers"
        case .unknownJob: "check the id; deleted jobs are forgotten"
        case .jobNotFinished: "ask again after the seconds in Retry-After"
        case .jobFailed: "look at `problem` of the job for the reason; POST /v1/jobs/{id}/retry tries it again"
        case .timedOut: "send the picture again, made smaller if it is very large, or ask the operator to raise --job-seconds-per-megapixel"
        case .jobNotFailed: "look at `state` of the job: only a failed one is tried again"
        case .jobCancelled, .jobExpired, .resultGone, .inputGone: "send the picture again"
        case .noWebhook: "send the picture with webhook=URL to be told when its job is over, or ask for the job itself"
        case .interrupted: "send the picture again, made smaller if it is very large"
        case .numericalFault: "send the picture again; if it happens again, report it with the picture"
        case .queueFull, .busy: "send it again after the seconds in Retry-After"
        case .diskFull: "ask the operator to make room; finished jobs can be deleted"
        case .storeUnavailable: "send it again after the seconds in Retry-After; nothing that was accepted is lost"
        case .notReady: "ask again in a few seconds"
        case .stopping: "ask again in a few seconds; accepted jobs go on after the restart"
        case .internalError: "try again; if it happens again, report it with the request id from the header Fidediff-Request"
        }
    }
}
