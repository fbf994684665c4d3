/// What the caller knows of a job before it is in the queue.
///
/// A job to be put in the queue. The caller writes the input's bytes to `BlobStore` under `id` first, so that no worker
/// ever claims a job whose picture is not there.
public struct NewJob: Sendable, Equatable {
    public var id: String
    public var inputFormat: String
    public var inputBytes: Int
    public var width: Int
    public var height: Int
    public var inputHash: String
    public var requestedTimestep: Int?
    public var options: String
    /// A key that is the same for jobs that have the same output from the same model; nil = not known.
    public var contentKey: String?
    /// Whether the output of another job with the same key will do.
    public var mayReuse = false
    /// What the client named its request, and what stands for the request; both or neither.
    public var idempotencyKey: String?
    public var requestHash: String?
    /// That the work is done on; nil = all of the picture's.
    public var workPixels: Int?
    public var context = JobContext()

    /// - Parameters:
    ///   - id: `JobID` form.
    ///   - width, height: pixels, upright.
    ///   - inputHash: SHA-256 of the input, hexadecimal.
    ///   - requestedTimestep: 0...999; nil = the model's own prediction.
    ///   - options: JSON that comes back as `Job.options`.
    public init(
        id: String = JobID.make(), inputFormat: String, inputBytes: Int, width: Int, height: Int, inputHash: String,
        requestedTimestep: Int? = nil, options: String = "{}"
    ) {
        self.id = id
        self.inputFormat = inputFormat
        self.inputBytes = inputBytes
        self.width = width
        self.height = height
        self.inputHash = inputHash
        self.requestedTimestep = requestedTimestep
        self.options = options
    }
}
