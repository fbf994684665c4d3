import CLoops

/// How many zeros stand on each side of a picture.
package struct Padding: Sendable, Equatable {
    package let top, left, bottom, right: Int

    package init(top: Int, left: Int, bottom: Int, right: Int) {
        (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }

    package init(all sides: Int) {
        self.init(top: sides, left: sides, bottom: sides, right: sides)
    }
}

extension Ops {
    /// Positions from which a transposed convolution's product is worth sharing out.
    private static let fewestPositions = 512

    /// Two-dimensional convolution (correlation, as in PyTorch): by `Winograd` where that pays; otherwise the neighbourhoods of a band of
    /// rows become the right factor of a `BlockProduct`.
    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - weight: `[outputs, inputs, k, k]`
    ///   - bias: `[outputs]`
    ///   - sum: what the result is added to before bias and activation
    ///   - inPlace: whether the result may take the place of `sum`, which nothing else holds
    /// - Returns: `[outputs, (height + padding - k) / stride + 1, ...]`
    package static func convolution(
        _ x: Tensor, weight: Weight, bias: Tensor? = nil, stride: Int = 1, padding: Padding, activation: Activation = .identity,
        addedTo sum: consuming Tensor? = nil, inPlace: Bool = false
    ) -> Tensor {
        let inputs = x.channels, side = weight.shape[2]
        precondition(
            weight.shape.count == 4 && weight.shape[1] == inputs && weight.shape[3] == side, "convolution \(weight.shape) got \(x.shape)")
        if side == 1 && stride == 1 && padding == Padding(all: 0) {
            return linear(Channels(x), weight: weight, bias: bias, activation: activation, addedTo: consume sum, inPlace: inPlace)
        }
        let (height, width) = convolved(x.height, x.width, side: side, stride: stride, padding: padding)
        return result([weight.shape[0], height, width], addedTo: consume sum, inPlace: inPlace) { target, sum in
            if let winograd = Winograd(weight: weight.shape, stride: stride, height: height, width: width) {
                winograd(.init(target: target, weight: weight, bias: bias, padding: padding, activation: activation, sum: sum), x)
                return
            }
            let square = side * side,
                product = BlockProduct(weight, bias: bias, ending: .activation(activation), positions: height * width)
            let bands = (0..<height).pieces(of: max(1, product.chunk / width)).map { ($0.lowerBound * width)..<($0.upperBound * width) }
            x.read { source in
                product(target, sum: sum, chunks: bands, grain: square) { rows, positions, blocks, distance in
                    withScratch(square * positions.count) { neighbourhoods in
                        for channel in (rows.lowerBound / square)..<(rows.upperBound / square) {
                            loop_im2col(
                                neighbourhoods, positions.count, source + channel * x.positions, x.height, x.width, side, stride,
                                padding.top,
                                padding.left, width, positions.lowerBound / width, positions.count / width)
                            loop_block_columns(
                                blocks + (channel * square - rows.lowerBound) * Int(LOOP_BLOCK_COLUMNS), neighbourhoods, positions.count,
                                square,
                                distance, positions.count)
                        }
                    }
                }
            }
        }
    }

    /// Convolves a picture that is made as its rows are read. Wide layers, small ones and other than 3x3 at stride 1 take it whole.
    package static func convolution(
        _ x: RowSource, weight: Weight, bias: Tensor? = nil, stride: Int = 1, padding: Padding, activation: Activation = .identity,
        addedTo sum: consuming Tensor? = nil, inPlace: Bool = false
    ) -> Tensor {
        let (height, width) = convolved(x.height, x.width, side: weight.shape[2], stride: stride, padding: padding)
        guard let winograd = Winograd(weight: weight.shape, stride: stride, height: height, width: width), !winograd.isWide else {
            return convolution(
                x.tensor(), weight: weight, bias: bias, stride: stride, padding: padding, activation: activation, addedTo: consume sum,
                inPlace: inPlace)
        }
        precondition(weight.shape[1] == x.channels, "convolution \(weight.shape) got \(x.channels) channels")
        return result([weight.shape[0], height, width], addedTo: consume sum, inPlace: inPlace) { target, sum in
            winograd(.init(target: target, weight: weight, bias: bias, padding: padding, activation: activation, sum: sum), x)
        }
    }

    /// Height and width of a convolution's result.
    private static func convolved(_ height: Int, _ width: Int, side: Int, stride: Int, padding: Padding) -> (height: Int, width: Int) {
        ((height + padding.top + padding.bottom - side) / stride + 1, (width + padding.left + padding.right - side) / stride + 1)
    }

    /// A tensor of its own, or in the place of what it is added to.
    static func result(
        _ shape: [Int], addedTo sum: consuming Tensor?, inPlace: Bool, fill: (UnsafeMutablePointer<Float>, UnsafePointer<Float>?) -> Void
    ) -> Tensor {
        guard var sum = consume sum else { return .uninitialized(shape) { fill($0, nil) } }
        precondition(sum.shape == shape, "sum \(sum.shape) of a product \(shape)")
        if inPlace {
            sum.write { fill($0, UnsafePointer($0)) }
            return sum
        }
        return .uninitialized(shape) { target in sum.read { fill(target, $0) } }
    }

    /// Convolution transposed, side 2, stride 2: each position becomes a 2x2 square, so it is one product and a pixel shuffle.
    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - weight: `[inputs, outputs, 2, 2]`, PyTorch's order
    ///   - bias: `[outputs]`
    /// - Returns: `[outputs, 2 height, 2 width]`
    package static func transposedConvolution2x2(_ x: Tensor, weight: Tensor, bias: Tensor, activation: Activation = .identity) -> Tensor {
        let inputs = x.channels, outputs = weight.shape[1], positions = x.positions
        precondition(weight.shape == [inputs, outputs, 2, 2], "transposed convolution \(weight.shape) got \(x.shape)")
        let squares = Tensor.uninitialized([outputs * 4, x.height, x.width]) { target in
            x.read { source in
                weight.read { matrix in
                    Parallel.ranges(positions, grain: fewestPositions) { columns in
                        MatrixProduct.multiply(
                            m: outputs * 4, n: columns.count, k: inputs, matrix, lda: outputs * 4, transposedA: true,
                            source + columns.lowerBound, ldb: positions, into: target + columns.lowerBound, ldc: positions)
                        for row in 0..<(outputs * 4) {
                            loop_bias_activation(
                                target + row * positions + columns.lowerBound, columns.count, bias.values[row / 4], activation.code)
                        }
                    }
                }
            }
        }
        return pixelShuffle(squares, by: 2)
    }

    /// Memory for the duration of `body`, never initialised, at the beginning of a cache line.
    static func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let line = 64
        // Not by `allocate(alignment:)`: what glibc's aligned allocation frees is too seldom found again.
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride + line, alignment: 1)
        defer { memory.deallocate() }
        return body(memory.alignedUp(toMultipleOf: line).bindMemory(to: Float.self, capacity: count))
    }
}
