import Testing
@testable import Storage

/// Positions and waiting times, from numbers alone.
@Suite(.timeLimit(.minutes(60))) struct QueueSnapshotTests {
    private typealias Work = QueueSnapshot.Work

    private static let snapshot = QueueSnapshot(
        queued: [Work(id: "a", pixels: 100), Work(id: "b", pixels: 300)], running: [Work(id: "r", pixels: 200, progress: 0.5)],
        secondsPerPixel: 0.5)

    @Test func positionsBeginAtOne() {
        #expect(Self.snapshot.position(of: "a") == 1 && Self.snapshot.position(of: "b") == 2)
        #expect(Self.snapshot.position(of: "r") == nil && Self.snapshot.position(of: "x") == nil)
    }

    /// What runs and waits before it, shared among the workers, and then its own work.
    @Test(arguments: [("r", 1, 50.0), ("a", 1, 100), ("b", 1, 250), ("b", 2, 200), ("a", 0, 100)])
    func timeIsThatOfThePixelsBefore(id: String, workers: Int, seconds: Double) {
        #expect(Self.snapshot.secondsLeft(of: id, workers: workers) == seconds)
    }

    @Test func withoutAMeasureThereIsNoTime() {
        let unmeasured = QueueSnapshot(queued: Self.snapshot.queued, running: Self.snapshot.running, secondsPerPixel: nil)
        #expect(unmeasured.secondsLeft(of: "a", workers: 1) == nil && unmeasured.secondsUntilPlace == nil)
        #expect(Self.snapshot.secondsLeft(of: "x", workers: 1) == nil)
        #expect(Self.snapshot.secondsUntilPlace == 50)
        #expect(QueueSnapshot(queued: [], running: [], secondsPerPixel: 1).secondsUntilPlace == nil)
    }
}
