@testable import Engine
import Foundation
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct TimestepPredictorTests {
    /// Supplement A's pairs.
    @Test(arguments: [(0.15, 80), (0.29, 120), (0.43, 160), (0.57, 200), (0.71, 240), (0.85, 280)])
    func valuesMapToTimesteps(_ pair: (Float, Int)) {
        #expect(TimestepPredictor.timestep(ofValue: pair.0) == pair.1)
    }

    @Test func timestepsStayInTheSchedule() {
        #expect(TimestepPredictor.timestep(ofValue: 0) == 37)
        #expect(TimestepPredictor.timestep(ofValue: 1) == 323)
        #expect(TimestepPredictor.timestep(ofValue: -9) == 0)
        #expect(TimestepPredictor.timestep(ofValue: 9) == 999)
    }
}
