/// Where the time went.
public struct StageSeconds: Sendable, Codable, Equatable {
    public let decode, kernels, diffusion, encode, total: Double

    public init(decode: Double, kernels: Double, diffusion: Double, encode: Double, total: Double) {
        (self.decode, self.kernels, self.diffusion, self.encode, self.total) = (decode, kernels, diffusion, encode, total)
    }
}
