/// Pictures in which there is nothing to see.
extension Photograph {
    /// No sample is more than one step of 8 bits from its neighbours: black, white, grey, a clear sky. Such a picture is the same however it
    /// was moved, so that its motion cannot be known, and there is nothing to sharpen.
    var isFlat: Bool {
        switch samples {
        case .eight(let values): isFlat(values, step: 1)
        case .sixteen(let values): isFlat(values, step: 257)
        }
    }

    private func isFlat<Sample: FixedWidthInteger>(_ values: [Sample], step: Int) -> Bool {
        let row = width * channels
        return values.withUnsafeBufferPointer { values in
            func isNear(_ a: Int, _ b: Int) -> Bool { abs(Int(values[a]) - Int(values[b])) <= step }
            return (0..<height).allSatisfy { y in
                let first = y * row
                return (first + channels..<first + row).allSatisfy { isNear($0, $0 - channels) }
                    && (y == 0 || (first..<first + row).allSatisfy { isNear($0, $0 - row) })
            }
        }
    }
}
