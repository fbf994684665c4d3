import Engine

extension Reference {
    package static func forwardDifferences(_ x: Tensor) -> Tensor {
        .picture([2, x.height, x.width]) { c, y, column in
            if c == 0 { return column + 1 < x.width ? x.at(0, y, column + 1) - x.at(0, y, column) : 0 }
            return y + 1 < x.height ? x.at(0, y + 1, column) - x.at(0, y, column) : 0
        }
    }

    package static func compressed(_ x: Tensor, scale: Float, knee: Float) -> Tensor {
        Tensor(shape: x.shape, values: x.values.map { Float(Double(scale) * Double($0) / (abs(Double($0)) + Double(knee))) })
    }

    package static func lagProducts(_ x: Tensor, lags: [Ops.Lag], cell: Int) -> Tensor {
        .picture([lags.count, x.height / cell, x.width / cell]) { index, row, column in
            var sum = 0.0
            for c in 0..<x.channels {
                for y in (row * cell)..<((row + 1) * cell) {
                    for i in (column * cell)..<((column + 1) * cell) {
                        sum += x.at(c, y, i) * x.at(c, y + lags[index].down, i + lags[index].across)
                    }
                }
            }
            return sum
        }
    }

    package static func windowSums(_ x: Tensor, window: Int) -> Tensor {
        .picture(x.shape) { c, y, column in
            (0..<(window * window)).reduce(0) { $0 + x.at(c, y + $1 / window - window / 2, column + $1 % window - window / 2) }
        }
    }
}
