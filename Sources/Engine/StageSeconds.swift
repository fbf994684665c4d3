/// Where the time of one picture went, in seconds.
public struct StageSeconds: Sendable, Codable, Equatable {
    /// Reading the file; M and T; everything behind them; writing the file; all of it.
    public let decode, kernels, diffusion, encode, total: Double

    /// Puts the stages together, for engines that stand in for this one; all in seconds.
    public init(decode: Double, kernels: Double, diffusion: Double, encode: Double, total: Double) {
        (self.decode, self.kernels, self.diffusion, self.encode, self.total) = (decode, kernels, diffusion, encode, total)
    }
}
