/// What an operator chooses about the work on a job: how often it is tried, and how long it may take.
public struct WorkSettings: Sendable, Equatable {
    /// A job whose attempts end with the process, or come to nothing in time, fails after so many.
    public var maxAttempts = 3
    /// Of processing that a megapixel may take in each view: about 1 is usual, 300 the paper's size on two cores.
    public var secondsPerMegapixel = 1_000.0
    /// A job without progress for so long hangs; it is taken from its worker.
    public var stallSeconds = 600.0
    /// No job gets less than this.
    public var leastSeconds = 600.0
    /// How often leases are renewed, and what hangs is looked for.
    public var beatSeconds = 10.0
    /// How long a job that is not renewed stays its worker's.
    public var leaseSeconds = 30.0

    public init() {}

    /// How long the work on a picture may take.
    func limitSeconds(pixels: Int, views: Int) -> Double {
        max(leastSeconds, Double(pixels) / 1e6 * Double(views) * secondsPerMegapixel)
    }
}
