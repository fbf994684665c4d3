import Foundation

/// Which jobs a list holds.
///
/// A list of jobs, newest first. Every condition that is not nil must hold.
public struct JobQuery: Sendable, Equatable {
    /// The most jobs one page may ask for.
    public static let maxLimit = 200
    public static let defaultLimit = 50

    /// The states that jobs on the list may have; nil = all, the empty set matches nothing.
    public var states: Set<JobState>?
    /// Bounds, inclusive, on the predicted timestep; with either, jobs without a prediction do not match.
    public var minTimestep: Int?
    public var maxTimestep: Int?
    /// Bounds on the time of creation; `createdBefore` is exclusive.
    public var createdFrom: Date?
    public var createdBefore: Date?
    /// Only jobs of this API key; nil = of all.
    public var keyID: String?
    /// The most jobs on the page, 1...`maxLimit`.
    public var limit: Int
    /// `JobPage.nextCursor` of the page before; nil = the first page.
    public var cursor: String?

    public init(
        states: Set<JobState>? = nil, minTimestep: Int? = nil, maxTimestep: Int? = nil,
        createdFrom: Date? = nil, createdBefore: Date? = nil, limit: Int = JobQuery.defaultLimit, cursor: String? = nil
    ) {
        self.states = states
        self.minTimestep = minTimestep
        self.maxTimestep = maxTimestep
        self.createdFrom = createdFrom
        self.createdBefore = createdBefore
        self.limit = limit
        self.cursor = cursor
    }
}
