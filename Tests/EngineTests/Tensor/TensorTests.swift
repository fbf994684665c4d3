import Testing
@testable import Engine

/// Shapes and their values.
@Suite(.timeLimit(.minutes(60))) struct TensorTests {
    private let tensor = Tensor(shape: [4, 2, 3], values: (0..<24).map(Float.init))

    @Test func sizesFollowFromTheShape() {
        #expect((tensor.channels, tensor.height, tensor.width, tensor.positions, tensor.count) == (4, 2, 3, 6, 24))
        #expect(Tensor(zeros: [5]).positions == 1 && Tensor(shapeOnly: [7, 2]).count == 0)
    }

    @Test func channelsAreCutInEqualRuns() {
        #expect(tensor.channels(1, of: 2).shape == [2, 2, 3] && tensor.channels(1, of: 2).values == Array(tensor.values[12...]))
        #expect(tensor.channels(0, of: 1).values == tensor.values)
        #expect((0..<4).flatMap { tensor.channels($0, of: 4).values } == tensor.values)
    }

    /// A copy is a value of its own.
    @Test func changingACopyChangesNothingElse() {
        var copy = tensor.reshaped([24])
        copy.values[0] = 9
        #expect(tensor.values[0] == 0 && copy.shape == [24])
    }
}
