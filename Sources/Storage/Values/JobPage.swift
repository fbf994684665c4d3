/// One page of a list.
///
/// Jobs, newest first, and where the list goes on.
public struct JobPage: Sendable, Equatable {
    public let jobs: [Job]
    /// What to give as `JobQuery.cursor` with the same conditions for the next page; nil when nothing follows.
    public let nextCursor: String?
}
