import Foundation

/// How long finished jobs and their pictures are kept.
///
/// Every bound that is not nil holds. Jobs that wait or run are never touched, and count for nothing here.
public struct Retention: Sendable, Equatable {
    /// Jobs go so many seconds after they were settled; nil = never for their age.
    public var maxAgeSeconds: Double?
    /// So many settled jobs stay, the oldest go first; nil = all.
    public var maxJobs: Int?
    /// Bytes of the pictures of finished jobs, inputs and outputs together, each file once; the oldest jobs go first.
    public var maxBytes: Int?

    public init(maxAgeSeconds: Double? = nil, maxJobs: Int? = nil, maxBytes: Int? = nil) {
        self.maxAgeSeconds = maxAgeSeconds
        self.maxJobs = maxJobs
        self.maxBytes = maxBytes
    }

    public var isUnlimited: Bool { self == Retention() }

    /// What was finished this short a time ago stays: the client that waits for it is about to be sent the file.
    static let graceSeconds = 60.0

    /// Whether a job is beyond its age, and would be removed now.
    public func isOver(_ job: Job, now: Date = Date()) -> Bool {
        guard let maxAgeSeconds, let finished = job.finishedAt else { return false }
        return finished.addingTimeInterval(max(maxAgeSeconds, Self.graceSeconds)) <= now
    }
}

/// A job that retention removed.
public struct ExpiredJob: Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable { case age, count, bytes }

    public let id: String
    public let reason: Reason

    public init(id: String, reason: Reason) {
        self.id = id
        self.reason = reason
    }
}
