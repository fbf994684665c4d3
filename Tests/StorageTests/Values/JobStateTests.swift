import Testing
@testable import Storage

/// The states of a job.
@Suite(.timeLimit(.minutes(60))) struct JobStateTests {
    /// The database's checks and the API know these names.
    @Test func namesAndFinalityAreFixed() {
        #expect(JobState.allCases.map(\.rawValue) == ["queued", "running", "succeeded", "failed", "cancelled"])
        #expect(JobState.allCases.filter(\.isFinal) == [.succeeded, .failed, .cancelled])
    }
}
