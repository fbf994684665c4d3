/// Keeps what each stage of the network gave, by the names that the PyTorch twin writes. Used by one thread, for one picture in one piece.
final class StageRecorder {
    private(set) var stages: [(name: String, value: Tensor)] = []

    func record(_ name: String, _ value: Tensor) {
        stages.append((name, value))
    }
}
