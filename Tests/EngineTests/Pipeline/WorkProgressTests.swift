@testable import Engine
import Testing

/// How far a picture is, told on the way.
@Suite(.timeLimit(.minutes(60))) struct WorkProgressTests {
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
