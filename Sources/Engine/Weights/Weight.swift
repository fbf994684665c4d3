/// A layer's matrix: in memory as float32, or left on disk as it is stored and decoded each time the layer computes.
///
/// Of a network of Stable Diffusion's size only the layer at work is ever in memory as numbers: the file is mapped, and the kernel may drop its
/// pages and read them again. Decoding takes about a hundredth of the time of the products that follow.
struct Weight: Sendable {
    let shape: [Int]
    private let source: Source

    private enum Source: Sendable {
        case memory(Tensor)
        case disk(SafetensorsFile, SafetensorsFile.Entry)
    }

    init(_ tensor: Tensor) {
        (shape, source) = (tensor.shape, .memory(tensor))
    }

    /// - Parameter shape: the entry's, or one of as many values
    init(_ entry: SafetensorsFile.Entry, of file: SafetensorsFile, shape: [Int]) {
        (self.shape, source) = (shape, .disk(file, entry))
    }

    /// In float32.
    var tensor: Tensor {
        switch source {
        case .memory(let tensor): return tensor
        case .disk(let file, let entry):
            defer { file.forget(entry) }
            return file.tensor(entry).reshaped(shape)
        }
    }
}
