import Engine
import HTTPTypes
import Storage

/// The one place where a typed error becomes a problem, and with it a status code.
extension Problem {
    /// After this long a place in the queue may be free, or a job a good deal further.
    static let retryAfterSeconds = 5
    static let loading = Problem(.notReady, "the weights are being loaded", retryAfterSeconds: retryAfterSeconds)

    /// More is under way than there is room for. The moment to come again differs from one to the next, so that not all come at once.
    static func busy(_ detail: String, limit: Int? = nil, measured: Int? = nil) -> Problem {
        Problem(.busy, detail, limit: limit, measured: measured, retryAfterSeconds: Int.random(in: 2...10))
    }

    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as ImageError: self.init(image: error)
        case let error as DeblurError: self.init(deblur: error)
        case let error as StorageError: self.init(storage: error)
        case let error as MultipartError: self.init(.invalidForm, error.detail)
        case let error as BoundedQueue.Full: self.init(full: error.limit, error.waiting, "calls wait")
        // Its text may name files of this machine: it goes to the log, not to the client.
        default: self.init(.internalError, "an error that this service does not expect")
        }
    }

    private init(image error: ImageError) {
        switch error {
        case .notAnImage:
            self.init(.notAnImage, "the body is neither JPEG nor PNG")
        case .foreign(let kind):
            self.init(.notAnImage, "the body is \(kind), neither JPEG nor PNG")
        case .sideTooLong(let limit, let width, let height):
            self.init(
                .imageTooLong, "a JPEG has at most \(limit) pixels a side, this picture is \(width)x\(height)", limit: limit,
                measured: max(width, height))
        case .corrupt(let reason):
            self.init(.unreadableImage, "the picture is damaged: \(reason)")
        case .unsupported(let reason):
            self.init(.unsupportedImage, "the picture is of a kind that is not supported: \(reason)")
        case .tooManyPixels(let limit, let found):
            self.init(
                .tooManyPixels, "the picture has \(found) pixels, the limit is \(limit)", limit: limit, measured: found)
        case .tooMuchMemory(let limit, let needed, let width, let height):
            self.init(
                .tooMuchMemory, "a picture of \(width)x\(height) needs \(needed) bytes of memory, there are \(limit) for one", limit: limit,
                measured: needed)
        case .outOfMemory:
            self.init(.internalError, "the system has no memory left for this picture")
        case .tooSmall(let minimumSide, let width, let height):
            self.init(
                .imageTooSmall, "the picture is \(width)x\(height), each side must have at least \(minimumSide) pixels",
                limit: minimumSide, measured: min(width, height))
        }
    }

    private init(deblur error: DeblurError) {
        switch error {
        case .cancelled:
            self.init(.jobCancelled, "the job was cancelled")
        case .numericalFault(let stage):
            self.init(.numericalFault, "the model gave values that are not finite in stage \(stage)")
        }
    }

    private init(storage error: StorageError) {
        switch error {
        case .queueFull(let limit, let queued):
            self.init(full: limit, queued, "jobs wait")
        case .queueShareUsed(let left, let held):
            self.init(
                .queueFull,
                "\(held) jobs of this API key wait, and the queue has \(left) places left: no key may have more waiting than are left for others",
                limit: left, measured: held, retryAfterSeconds: Self.retryAfterSeconds)
        case .diskFull(let needed, let free):
            self.init(
                .diskFull, "\(needed) bytes are needed, \(free) are free; nothing was stored", limit: free, measured: needed)
        case .notFound(let id):
            self.init(.unknownJob, "there is no job \(id)")
        case .conflict(let id, let state):
            self.init(.jobNotFinished, "job \(id) is \(state.rawValue)", job: id, retryAfterSeconds: Self.retryAfterSeconds)
        case .idempotencyKeyReused(let id):
            self.init(
                .idempotencyKeyReused, "the Idempotency-Key belongs to the request that made job \(id), which asked for something else",
                job: id)
        case .invalidCursor(let cursor):
            self = .parameter(
                "cursor", "is '\(cursor.prefix(64))', which belongs to no list or to one with other conditions",
                "leave the cursor out to start again, or repeat the conditions of the list that gave it")
        case .limitOutOfRange(let found, let maximum):
            self = .parameter(
                "limit", "is \(found)", "use a whole number from 1 to \(maximum)", limit: maximum, measured: found)
        case .database where error.isTransient, .file:
            self.init(.storeUnavailable, "the disk or the database does not do its work", retryAfterSeconds: Self.retryAfterSeconds)
        case .corruptDatabase, .newerDatabase, .database:
            self.init(.internalError, "the store failed")
        }
    }

    init(full limit: Int, _ waiting: Int, _ what: String, retryAfterSeconds: Int = Self.retryAfterSeconds) {
        self.init(
            .queueFull, "\(waiting) \(what), the limit is \(limit)", limit: limit, measured: waiting,
            retryAfterSeconds: retryAfterSeconds)
    }

    /// What the HTTP layer refuses, by status.
    init(protocolStatus status: HTTPResponse.Status, detail: String, limit: Int?, measured: Int?) {
        let type: ProblemType =
            switch status.code {
            case 400: .malformedRequest
            case 405: .methodNotAllowed
            case 408: .requestTimeout
            case 413: .bodyTooLarge
            case 414: .targetTooLong
            case 417: .expectationFailed
            case 431: .headerTooLarge
            case 501: .notImplemented
            case 503: .busy
            case 505: .versionNotSupported
            default: status.kind == .clientError ? .malformedRequest : .internalError
            }
        self = type == .busy ? .busy(detail, limit: limit, measured: measured) : Problem(type, detail, limit: limit, measured: measured)
    }
}
