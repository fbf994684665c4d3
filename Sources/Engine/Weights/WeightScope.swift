/// A cursor into a file of weights: a layer asks it for tensors by the names they have in Python, relative to the layer.
///
///     scope("down_blocks.0").tensor("weight", shape: [64, 32, 3, 3])
///
/// What is missing or misshapen is remembered by the file and stops the loading once the whole network has asked.
struct WeightScope {
    let file: WeightFile
    private let prefix: String

    init(_ file: WeightFile) {
        self.init(file, prefix: "")
    }

    private init(_ file: WeightFile, prefix: String) {
        (self.file, self.prefix) = (file, prefix)
    }

    func callAsFunction(_ name: String) -> WeightScope {
        WeightScope(file, prefix: prefix + name + ".")
    }

    /// The scope under the first of these names that has a weight in the file; `name` if none has.
    func callAsFunction(_ name: String, formerly alias: String) -> WeightScope {
        let old = self(alias)
        return old.file.contains(old.prefix + "weight") ? old : self(name)
    }

    /// - Parameter allowingTrailingOnes: also take `[n, m, 1, 1]` where `[n, m]` is asked for (a linear layer stored as a 1x1 convolution)
    func weight(_ name: String, shape: [Int], allowingTrailingOnes: Bool = false) -> Weight {
        file.weight(prefix + name, shape: shape, allowingTrailingOnes: allowingTrailingOnes)
    }

    /// A tensor in memory whatever its file's size: for biases and the like.
    func tensor(_ name: String, shape: [Int]) -> Tensor {
        weight(name, shape: shape).tensor
    }
}
