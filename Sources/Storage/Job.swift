// Job.swift: one row of the table `job`, as a value.

import Foundation

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
    /// Pixels, upright.
    public let width: Int
    public let height: Int
    /// SHA-256 of the input's bytes, hexadecimal, given by the caller.
    public let inputHash: String
    /// Jobs with the same key have the same output from the same model; nil = not known.
    public let contentKey: String?
    /// Whether the output of another job with the same key will do.
    public let mayReuse: Bool
    /// The job that the output was computed for, if not for this one; it may be deleted since.
    public let reusedFrom: String?
    /// The model that computed the output, by the caller's name for it.
    public let modelHash: String?
    /// The version of the program that computed the output, by the caller's name for it; nil as `isUnchanged`.
    public let version: String?

    /// The jobs under whose names the pictures were first stored: this one, or another that shares its file with it. That may be gone.
    public let inputFile: String
    public let outputFile: String
    /// Both nil until succeeded.
    public let outputFormat: String?
    public let outputBytes: Int?
    /// Time of each stage as the caller's JSON; nil until succeeded.
    public let stageSeconds: String?
    /// Whether the output is the photograph itself, which was sharp; nil until succeeded, and for jobs of older versions.
    public let isUnchanged: Bool?
    /// How well the output, blurred again, explains the photograph: dB; nil as `isUnchanged`.
    public let reblurPSNR: Double?

    public let createdAt: Date
    /// Start of the last attempt.
    public let startedAt: Date?
    /// Set exactly when the state is final.
    public let finishedAt: Date?
    /// How often a worker has taken the job.
    public let attempts: Int
    /// A client asked to stop a running job. It may still succeed when it was nearly through.
    public let cancelRequested: Bool
    /// Name of the worker that has or had the job.
    public let worker: String?
    /// Until when that worker has promised to report; nil unless running.
    public let leaseExpiresAt: Date?

    /// SHA-256 of the output's bytes, hexadecimal; nil until succeeded, and for jobs of older versions.
    public let outputHash: String?
    public let context: JobContext

    /// Both nil unless failed.
    public let problemType: String?
    public let problemDetail: String?
}
