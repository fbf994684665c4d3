/// The queue at one moment and how fast work went lately, and what follows from both: positions and waiting times. Pure.
///
/// What waits and runs, and measured speed.
public struct QueueSnapshot: Sendable, Equatable {
    /// A job that waits or runs.
    public struct Work: Sendable, Equatable {
        public let id: String
        /// The pixels of the picture that the work is done on.
        public let pixels: Int
        /// How much of the work is done, 0...1.
        public let progress: Double

        public init(id: String, pixels: Int, progress: Double = 0) {
            self.id = id
            self.pixels = pixels
            self.progress = progress
        }

        var pixelsLeft: Double { Double(pixels) * (1 - progress) }
    }

    /// The jobs that wait, in the order in which they are claimed.
    public let queued: [Work]
    public let running: [Work]
    /// Measured over the last jobs that were computed on this machine; nil before the first.
    public let secondsPerPixel: Double?

    public init(queued: [Work], running: [Work], secondsPerPixel: Double?) {
        self.queued = queued
        self.running = running
        self.secondsPerPixel = secondsPerPixel
    }

    /// 1 for the job that is claimed next, and so on; nil unless the job is queued.
    public func position(of id: String) -> Int? {
        queued.firstIndex { $0.id == id }.map { $0 + 1 }
    }

    /// Seconds until a job is over: all that runs and waits before it shared among the workers, then its own work.
    /// - Returns: nil when the job neither waits nor runs, or nothing was measured yet.
    public func secondsLeft(of id: String, workers: Int) -> Double? {
        guard let secondsPerPixel else { return nil }
        if let own = running.first(where: { $0.id == id }) { return own.pixelsLeft * secondsPerPixel }
        guard let index = queued.firstIndex(where: { $0.id == id }) else { return nil }
        let ahead = queued[..<index].reduce(pixelsRunning) { $0 + $1.pixelsLeft }
        return (ahead / Double(max(workers, 1)) + queued[index].pixelsLeft) * secondsPerPixel
    }

    /// Seconds until the next place in a full queue is free: until the first running job is over.
    public var secondsUntilPlace: Double? {
        guard let secondsPerPixel, let least = running.map(\.pixelsLeft).min() else { return nil }
        return least * secondsPerPixel
    }

    private var pixelsRunning: Double { running.reduce(0) { $0 + $1.pixelsLeft } }
}
