import Foundation

/// One row of the table `job`, as a value.
///
/// A job as it was at the moment of reading.
public struct Job: Sendable, Equatable {
    /// `JobID` form; also the name of the job's files in `BlobStore`.
    public let id: String
    /// Order of arrival, never used twice: the queue is served upwards, lists go downwards.
    public let sequence: Int64
    public let state: JobState
    /// 0...1, never falls within one attempt; 1 once succeeded.
    public let progress: Double

    /// What the client asked for; nil = the model's own prediction.
    public let requestedTimestep: Int?
    /// The model's prediction, 0...999, as soon as it is known.
    public let predictedTimestep: Int?
    /// The other options as the caller's JSON; not read here.
    public let options: String

    public let inputFormat: String
    public let inputBytes: Int
    /// The photograph's size in pixels, as it stands upright.
    public let width: Int
    public let height: Int
    /// That the work is done on.
    public let workPixels: Int
    /// SHA-256 of the input's bytes, hexadecimal, given by the caller.
    public let inputHash: String
    /// Jobs with the same key have the same output from the same model; nil = not known.
    public let contentKey: String?
    /// Whether the output of another job with the same key will do.
    public let mayReuse: Bool
    /// The job under whose name the input was first stored: this one, or another that shares its file with it. That may be gone.
    public let inputFile: String
    /// What the job gave; nil until it has succeeded.
    public let output: JobOutput?

    public let createdAt: Date
    /// When the last attempt started; nil before the first.
    public let startedAt: Date?
    /// When the job was settled; nil before.
    public let finishedAt: Date?
    /// How often a worker has taken the job.
    public let attempts: Int
    /// A client asked to stop a running job. It may still succeed when it was nearly through.
    public let cancelRequested: Bool
    /// Name of the worker that has or had the job.
    public let worker: String?
    /// Until when that worker has promised to report; nil unless running.
    public let leaseExpiresAt: Date?
    /// A number that only the attempt which runs, or ran last, knows: what it passes with its reports. nil before the first.
    public let claim: Int64?
    /// Queued, and not to be claimed before this; nil = at once.
    public let nextAttemptAt: Date?
    /// How often the job was given back for a reason that was not its own.
    public let postponements: Int
    /// How often the failed job was tried again on request.
    public let retries: Int

    public let context: JobContext

    /// The problem's type and detail; both nil unless the job has failed.
    public let problemType: String?
    public let problemDetail: String?
}
