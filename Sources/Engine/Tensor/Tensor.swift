/// Dense float32 values in row-major order; the only kind of array that passes between layers.
///
/// Pictures and latents are `[channels, height, width]`, tokens `[channels, positions]`: there is no batch dimension, and channels
/// come first everywhere, so that a linear layer is a 1x1 convolution and nothing is ever transposed.
/// A value type: copies share storage until one of them is changed.
package struct Tensor: Sendable {
    package let shape: [Int]
    package var values: [Float]

    package init(shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "shape \(shape) does not hold \(values.count) values")
        self.shape = shape
        self.values = values
    }

    package init(zeros shape: [Int]) {
        self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
    }

    /// A shape without values: stands for a weight while a model folder is only being checked. Nothing may compute with it.
    package init(shapeOnly shape: [Int]) {
        self.shape = shape
        self.values = []
    }

    package var count: Int { values.count }

    /// The number of channels: the first dimension.
    package var channels: Int { shape[0] }

    /// Elements of one channel: height times width, or the number of tokens.
    package var positions: Int { shape.dropFirst().reduce(1, *) }

    /// The height of a picture: the second dimension.
    package var height: Int { shape[1] }

    /// The width of a picture: the third dimension.
    package var width: Int { shape[2] }

    /// One of `parts` equal runs of channels.
    func channels(_ part: Int, of parts: Int) -> Tensor {
        if parts == 1 { return self }
        let channels = channels / parts, count = channels * positions
        return Tensor(shape: [channels] + shape.dropFirst(), values: Array(values[(part * count)..<((part + 1) * count)]))
    }

    /// The same values under another shape; costs nothing.
    package func reshaped(_ shape: [Int]) -> Tensor {
        Tensor(shape: shape, values: values)
    }
}
