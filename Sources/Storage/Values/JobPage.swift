/// One page of a list.
///
/// Jobs, newest first, and where the list goes on.
public struct JobPage: Sendable, Equatable {
    public let jobs: [Job]
    /// For `JobQuery.cursor`, with the same conditions; nil when nothing follows.
    public let nextCursor: String?
}
