/// Two photographs of one size mixed, sample by sample.
extension Photograph {
    /// Goes back towards another photograph of the same size and depth: strength 1 changes nothing, 0 gives the other.
    mutating func blend(with other: Photograph, strength: Double) {
        precondition(
            other.width == width && other.height == height && other.isGray == isGray,
            "blending \(other.width)x\(other.height) into \(width)x\(height)")
        let strength = Float(min(max(strength, 0), 1))
        switch (samples, other.samples) {
        case (.eight(let own), .eight(let others)): samples = .eight(Self.mix(own, others, strength))
        case (.sixteen(let own), .sixteen(let others)): samples = .sixteen(Self.mix(own, others, strength))
        default: preconditionFailure("blending \(other.bitDepth) bits into \(bitDepth)")
        }
    }

    private static func mix<Sample: FixedWidthInteger & UnsignedInteger>(_ own: [Sample], _ others: [Sample], _ strength: Float) -> [Sample]
    {
        [Sample](unsafeUninitializedCapacity: own.count) { result, count in
            for index in own.indices {
                // Between two samples, so within their range; rounded to the nearest.
                let other = Float(others[index])
                result[index] = Sample(other + (Float(own[index]) - other) * strength + 0.5)
            }
            count = own.count
        }
    }
}
