import Engine

/// Slow twins of `Ops`, of the same signatures, written from the definitions: one loop for each index, sums in double precision, no tricks.
package enum Reference {}

extension Tensor {
    /// Value of a picture at [c, y, x]; 0 outside.
    func at(_ c: Int, _ y: Int, _ x: Int) -> Double {
        y < 0 || x < 0 || y >= height || x >= width ? 0 : Double(values[(c * height + y) * width + x])
    }

    /// A picture from a function of [c, y, x].
    static func picture(_ shape: [Int], _ value: (Int, Int, Int) -> Double) -> Tensor {
        var values: [Float] = []
        for c in 0..<shape[0] { for y in 0..<shape[1] { for x in 0..<shape[2] { values.append(Float(value(c, y, x))) } } }
        return Tensor(shape: shape, values: values)
    }

    /// As a matrix of its first dimension by all others: value at [row, column].
    func cell(_ row: Int, _ column: Int) -> Double { Double(values[row * positions + column]) }

    static func matrix(_ shape: [Int], _ value: (Int, Int) -> Double) -> Tensor {
        let columns = shape.dropFirst().reduce(1, *)
        return Tensor(shape: shape, values: (0..<shape[0]).flatMap { row in (0..<columns).map { Float(value(row, $0)) } })
    }
}
