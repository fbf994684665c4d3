/// Grey content in three channels.
extension Photograph {
    /// Red, green and blue are the same everywhere, as in a grey picture that was saved in colour.
    var isNeutral: Bool {
        switch samples {
        case .eight(let values): !isGray && Self.isNeutral(values)
        case .sixteen(let values): !isGray && Self.isNeutral(values)
        }
    }

    /// Gives each pixel's three samples their mean.
    mutating func neutralise() {
        guard !isGray else { return }
        switch samples {
        case .eight(var values):
            samples = .eight([])  // so that `values` alone holds the array, and it is changed in place
            Self.neutralise(&values)
            samples = .eight(values)
        case .sixteen(var values):
            samples = .sixteen([])
            Self.neutralise(&values)
            samples = .sixteen(values)
        }
    }

    private static func isNeutral<Sample: FixedWidthInteger>(_ values: [Sample]) -> Bool {
        values.withUnsafeBufferPointer { values in
            stride(from: 0, to: values.count, by: 3).allSatisfy { values[$0] == values[$0 + 1] && values[$0] == values[$0 + 2] }
        }
    }

    private static func neutralise<Sample: FixedWidthInteger>(_ values: inout [Sample]) {
        values.withUnsafeMutableBufferPointer { values in
            for index in stride(from: 0, to: values.count, by: 3) {
                let sum = Int(values[index]) + Int(values[index + 1]) + Int(values[index + 2])
                values[index] = Sample((2 * sum + 3) / 6)
                values[index + 1] = values[index]
                values[index + 2] = values[index]
            }
        }
    }
}
