/// A layer's matrix: in memory as float32, or left in its file as it is stored and decoded each time the layer computes.
///
/// Of a network of Stable Diffusion's size only what is worked on is ever there as numbers. Its files are held in memory as they are, at
/// half precision, or stay on disk and are mapped: then Linux may drop their pages and read them again.
package struct Weight: Sendable {
    package let shape: [Int]
    private let source: Source

    private enum Source: Sendable {
        case memory(Tensor)
        case file(SafetensorsFile, SafetensorsFile.Entry)
    }

    package init(_ tensor: Tensor) {
        (shape, source) = (tensor.shape, .memory(tensor))
    }

    /// - Parameter shape: the entry's, or one of as many values
    package init(_ entry: SafetensorsFile.Entry, of file: SafetensorsFile, shape: [Int]) {
        (self.shape, source) = (shape, .file(file, entry))
    }

    package var count: Int { shape.reduce(1, *) }

    /// The whole weight in float32, decoded anew where it is stored otherwise.
    var tensor: Tensor {
        switch source {
        case .memory(let tensor): return tensor
        case .file(let file, let entry):
            defer { file.forget(entry) }
            return file.tensor(entry).reshaped(shape)
        }
    }

    /// A part of the matrix `[first dimension, all others]` in float32, where it lies or decoded for as long as `body` takes, which gets
    /// its first value and the distance of its rows.
    func read<Result>(rows: Range<Int>, columns: Range<Int>, _ body: (UnsafePointer<Float>, Int) -> Result) -> Result {
        let width = count / shape[0]
        switch source {
        case .memory(let tensor):
            return tensor.read { body($0 + rows.lowerBound * width + columns.lowerBound, width) }
        case .file(let file, let entry):
            return Ops.withScratch(rows.count * columns.count) { target in
                for (index, row) in rows.enumerated() {
                    file.decode(
                        entry, (row * width + columns.lowerBound)..<(row * width + columns.upperBound), into: target + index * columns.count
                    )
                }
                return body(target, columns.count)
            }
        }
    }

    /// Gives back the memory that reading from a mapped file has taken: when a layer is done.
    func forget() {
        if case .file(let file, let entry) = source { file.forget(entry) }
    }
}
