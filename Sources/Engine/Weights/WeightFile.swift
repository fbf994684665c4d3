/// One file of weights while a network is built from it: hands out tensors, and remembers what was asked for and what was wrong.
///
/// Used by one thread, during loading only. `.check` builds the same network from the file's header alone, so that everything wrong with a
/// folder is known before the first gigabyte is read.
final class WeightFile {
    enum Purpose { case check, load }

    let name: String
    private let file: SafetensorsFile?
    private let purpose: Purpose
    private var asked: Set<String> = []
    private var problems: [ModelError] = []

    /// - Parameter file: nil when it could not be opened, which its caller reports; then nothing else is reported.
    init(_ file: SafetensorsFile?, name: String, purpose: Purpose) {
        (self.file, self.name, self.purpose) = (file, name, purpose)
    }

    func contains(_ tensor: String) -> Bool { file?.entries[tensor] != nil }

    /// The tensor in the asked shape, left in the file where that is large; no values when checking or when it is not to be had.
    func weight(_ name: String, shape: [Int], allowingTrailingOnes: Bool) -> Weight {
        let valueless = Weight(Tensor(shapeOnly: shape))
        guard let file else { return valueless }
        asked.insert(name)
        guard let entry = file.entries[name] else {
            problems.append(.missing(file: self.name, tensor: name, shape: shape))
            return valueless
        }
        let ones = entry.shape.dropFirst(shape.count).allSatisfy { $0 == 1 }
        guard entry.shape == shape || allowingTrailingOnes && Array(entry.shape.prefix(shape.count)) == shape && ones else {
            problems.append(.misshapen(file: self.name, tensor: name, expected: shape, found: entry.shape))
            return valueless
        }
        if purpose == .check { return valueless }
        let weight = Weight(entry, of: file, shape: shape)
        return file.isLarge ? weight : Weight(weight.tensor)
    }

    /// Counts as used whatever starts with `prefix`: parts that the configuration switches off.
    func ignore(prefix: String) {
        asked.formUnion(file?.entries.keys.filter { $0.hasPrefix(prefix) } ?? [])
    }

    /// Everything that was wrong, and every tensor that nobody asked for, by name.
    func finish() -> [ModelError] {
        let unused = (file?.entries ?? [:]).filter { !asked.contains($0.key) }.sorted { $0.key < $1.key }
        return problems + unused.map { .unused(file: name, tensor: $0.key, shape: $0.value.shape) }
    }
}
