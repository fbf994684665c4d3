@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct ViewTests {
    /// Without the kernels, whose M knows up from down, eight views know no orientation, and one does.
    @Test func theMeanOfAllViewsTurnsWithThePicture() throws {
        var config = try ModelConfig(at: Fixtures.model("tiny-lags"))
        config.control = false
        var numbers = Numbers(seed: 33)
        let image = Ops.clamped(numbers.tensor([3, 64, 96]), low: 0, high: 1)
        func difference(views: Int, _ orientation: Orientation) throws -> Float {
            config.views = views
            let solution = try OneStepSolution(network: ModelFolder(at: Fixtures.model("tiny-lags"), config: config).load())
            let restored = { try solution.restored($0, kernelInputs: [], timestep: 123) { _ in } }
            let after = try Ops.turned(restored(image), orientation), before = try restored(Ops.turned(image, orientation))
            return zip(after.values, before.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
        }
        for orientation in Orientation.allCases.dropFirst() {
            #expect(try difference(views: 8, orientation) < 1e-5)
            #expect(try difference(views: 1, orientation) > 1e-2)
        }
        #expect(try difference(views: 2, .rotated180) < 1e-5)
        #expect(try difference(views: 2, .rotated90) > 1e-2)
        #expect(try difference(views: 4, .rotated270) < 1e-5)
        #expect(try difference(views: 4, .mirrored) > 1e-2)
    }

    /// What stands behind M is done, counted and reported once a view.
    @Test func viewsAreCounted() throws {
        func costs(_ views: Int) throws -> (counts: [String: Int], kernels: Int, beside: Int) {
            var config = try ModelConfig(at: Fixtures.model("tiny-lags"))
            config.views = views
            let network = try ModelFolder(at: Fixtures.model("tiny-lags"), config: config).load()
            let plan = MemoryPlan(network, width: 512, height: 512)
            return (Dictionary(uniqueKeysWithValues: network.multiplyAdds(width: 512, height: 512)), plan.kernels, plan.layers)
        }
        let one = try costs(1), eight = try costs(8)
        for (part, count) in one.counts {
            #expect(eight.counts[part] == (["kernel_estimator", "timestep_predictor"].contains(part) ? count : 8 * count), "\(part)")
        }
        #expect(eight.kernels == 8 * one.kernels && eight.beside > one.beside)
    }
}
