@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct ViewTests {
    /// Where the pixel (row, column) of the turned picture comes from, in a picture of this size.
    private static func source(_ orientation: Orientation, _ row: Int, _ column: Int, height: Int, width: Int) -> (row: Int, column: Int) {
        switch orientation {
        case .up: (row, column)
        case .mirrored: (row, width - 1 - column)
        case .rotated180: (height - 1 - row, width - 1 - column)
        case .flipped: (height - 1 - row, column)
        case .transposed: (column, row)
        case .rotated90: (height - 1 - column, row)
        case .transversed: (height - 1 - column, width - 1 - row)
        case .rotated270: (column, width - 1 - row)
        }
    }

    @Test(arguments: Orientation.allCases)
    func turningMovesEveryPixel(_ orientation: Orientation) {
        var numbers = Numbers(seed: 31)
        let x = numbers.tensor([3, 70, 37]), turned = Ops.turned(x, orientation)
        #expect(turned.shape == [3] + (orientation.swapsSides ? [37, 70] : [70, 37]))
        for channel in 0..<3 {
            for row in 0..<turned.height {
                for column in 0..<turned.width {
                    let from = Self.source(orientation, row, column, height: 70, width: 37)
                    let value = turned.values[(channel * turned.height + row) * turned.width + column]
                    guard value == x.values[(channel * 70 + from.row) * 37 + from.column] else {
                        Issue.record("\(orientation): \(channel), \(row), \(column)")
                        return
                    }
                }
            }
        }
        #expect(Ops.turned(turned, orientation.inverse).values == x.values)
    }

    /// The taps of one place are a picture, and are turned as one.
    @Test(arguments: Orientation.allCases)
    func tapsTurnAsPicturesDo(_ orientation: Orientation) {
        var numbers = Numbers(seed: 32)
        let kernels = numbers.tensor([25, 3, 4]), turned = Ops.turnedTaps(kernels, orientation)
        for place in 0..<12 {
            let kernel = { (map: Tensor) in Tensor(shape: [1, 5, 5], values: (0..<25).map { map.values[$0 * 12 + place] }) }
            #expect(kernel(turned).values == Ops.turned(kernel(kernels), orientation).values)
        }
    }

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

    @Test(arguments: [48, 400])
    func progressEndsAtOne(side: Int) throws {
        let network = try ModelFolder(at: Fixtures.model("tiny-lags")).load()
        var told: [Double] = []
        _ = try withoutActuallyEscaping({ told.append($0) }) {
            try Restoration(network: network).restore(
                EngineTestPictures.textured(width: side, height: side), timestep: 100, onTimestep: { _ in }, onProgress: $0)
        }
        #expect(told.last == 1 && told == told.sorted())
        #expect(told.count > 30)
    }
}
