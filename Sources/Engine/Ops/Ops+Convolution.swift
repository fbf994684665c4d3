import CKernels

/// Zeros around a picture.
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
    /// Floats that the neighbourhoods of all bands in work may hold together (32 MiB).
    private static let scratchLimit = 8 << 20
    /// Floats that one band's neighbourhoods should hold, to stay in a core's own cache ...
    private static let scratchTarget = 512 << 10
    /// ... unless that leaves fewer positions than a matrix product needs to reuse the weights it reads.
    private static let fewestPositions = 512

    /// Two-dimensional convolution (correlation, as in PyTorch): by `Winograd` where that pays; otherwise the neighbourhoods of a band of rows
    /// become a matrix, and the weights multiply it.
    /// - Parameters:
    ///   - x: `[inputs, height, width]`
    ///   - weight: `[outputs, inputs, k, k]`
    ///   - bias: `[outputs]`
    ///   - accumulator: values the result is added to before bias and activation
    /// - Returns: `[outputs, (height + padding - k) / stride + 1, ...]`
    package static func convolution(
        _ x: Tensor, weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Padding, activation: Activation = .identity,
        addedTo accumulator: consuming Tensor? = nil
    ) -> Tensor {
        let inputs = x.channels, outputs = weight.shape[0], kernel = weight.shape[2]
        precondition(weight.shape.count == 4 && weight.shape[1] == inputs && weight.shape[3] == kernel, "convolution \(weight.shape) got \(x.shape)")
        if kernel == 1 && stride == 1 && padding == Padding(all: 0) {
            return linear(x, weight: weight, bias: bias, activation: activation, addedTo: accumulator)
        }
        let height = (x.height + padding.top + padding.bottom - kernel) / stride + 1
        let width = (x.width + padding.left + padding.right - kernel) / stride + 1
        let shape = [outputs, height, width]
        let depth = inputs * kernel * kernel, positions = height * width
        let beta: Float = accumulator == nil ? 0 : 1

        func fill(_ target: UnsafeMutablePointer<Float>) {
            if let winograd = Winograd(weight: weight.shape, stride: stride, height: height, width: width) {
                winograd(target, x, weight: weight, bias: bias, padding: padding, activation: activation, adds: beta == 1)
                return
            }
            x.read { source in
                weight.read { matrix in
                    func neighbourhoods(_ channels: Range<Int>, _ rows: Range<Int>, into columns: UnsafeMutablePointer<Float>) {
                        let stored = rows.count * width
                        for channel in channels {
                            ck_im2col(
                                columns + channel * kernel * kernel * stored, stored, source + channel * x.positions, x.height, x.width, kernel,
                                stride, padding.top, padding.left, width, rows.lowerBound, rows.count)
                        }
                    }
                    func product(_ outputs: Range<Int>, _ rows: Range<Int>, _ columns: UnsafePointer<Float>) {
                        let stored = rows.count * width, first = rows.lowerBound * width
                        MatrixProduct.multiply(
                            m: outputs.count, n: stored, k: depth, matrix + outputs.lowerBound * depth, lda: depth, columns, ldb: stored,
                            into: target + outputs.lowerBound * positions + first, ldc: positions, beta: beta)
                        finish(target, outputs, first..<(first + stored), stride: positions, bias: bias, activation: activation)
                    }

                    let bandPositions = min(max(scratchTarget / depth, fewestPositions), max(scratchLimit / Parallel.threads / depth, 1))
                    let bandRows = max(bandPositions / width, 1)
                    let bands = (height + bandRows - 1) / bandRows
                    if bands >= Parallel.threads {
                        Parallel.forEach(bands) { band in
                            let rows = (height * band / bands)..<(height * (band + 1) / bands)
                            withScratch(depth * rows.count * width) { columns in
                                neighbourhoods(0..<inputs, rows, into: columns)
                                product(0..<outputs, rows, columns)
                            }
                        }
                    } else {
                        // A small picture under many channels: the cores share the channels of one band instead.
                        withScratch(depth * positions) { columns in
                            Parallel.ranges(inputs, grain: 1) { neighbourhoods($0, 0..<height, into: columns) }
                            Parallel.ranges(outputs, grain: 16) { product($0, 0..<height, columns) }
                        }
                    }
                }
            }
        }

        guard var sum = accumulator else { return .uninitialized(shape, fill: fill) }
        precondition(sum.shape == shape, "sum \(sum.shape) of a convolution \(shape)")
        sum.write(fill)
        return sum
    }

    /// Convolution transposed, kernel 2, stride 2: each position becomes a 2x2 square, so it is one product and a pixel shuffle.
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
                            ck_bias_activation(target + row * positions + columns.lowerBound, columns.count, bias.values[row / 4], activation.code)
                        }
                    }
                }
            }
        }
        return pixelShuffle(squares, by: 2)
    }

    /// Memory for the duration of `body`, never initialised.
    static func withScratch<Result>(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Result) -> Result {
        let memory = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer { memory.deallocate() }
        return body(memory)
    }
}
