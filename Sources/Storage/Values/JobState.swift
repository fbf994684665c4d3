/// Where a job is in its life.
///
/// queued ── claim ──> running ──> succeeded | failed | cancelled ^ │                  │ │ └─ cancel ─> cancelled └──── requeue ───────┘
///
/// The raw values are what the database stores and what the HTTP interface shows.
///
/// The state of a job. The last three are final: a job never leaves them.
public enum JobState: String, Sendable, Codable, CaseIterable {
    case queued, running, succeeded, failed, cancelled

    /// True once nothing will change the job any more.
    public var isFinal: Bool {
        switch self {
        case .queued, .running: false
        case .succeeded, .failed, .cancelled: true
        }
    }
}
