import Foundation
import Testing
@testable import Engine

/// Where the light of a point went, read from a kernel.
@Suite(.timeLimit(.minutes(60))) struct MotionFootprintTests {
    private static let taps = MotionKernel.taps

    private static func footprint(_ curve: (Double) -> (x: Double, y: Double)) -> MotionFootprint {
        MotionFootprint(kernel: MotionKernel.along(curve), taps: taps)
    }

    /// Whether the area holds the place that is so far from the weight's centre.
    private static func holds(_ footprint: MotionFootprint, _ x: Double, _ y: Double) -> Bool {
        footprint.sample(x: footprint.centre.x + x, y: footprint.centre.y + y).value >= footprint.level
    }

    @Test(arguments: stride(from: 0.0, to: 180, by: 15).map { $0 }) func aLineHasItsLengthAndDirection(degrees: Double) {
        let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        let footprint = Self.footprint { ($0 * 7 * c, $0 * 7 * s) }
        #expect(abs(footprint.extent - 14) < 0.5, "\(footprint.extent)")
        #expect(abs(footprint.centre.x - 9) < 0.01 && abs(footprint.centre.y - 9) < 0.01)
        for along in [-5.0, -3, 0, 3, 5] { #expect(Self.holds(footprint, along * c, along * s), "\(along) along") }
        for (along, across) in [(-8.5, 0.0), (8.5, 0), (0, 2), (0, -2), (5, 2), (-5, -2)] {
            #expect(!Self.holds(footprint, along * c - across * s, along * s + across * c), "\(along) along, \(across) across")
        }
    }

    @Test func aBendIsFollowed() {
        // A parabola, 14 wide and 5 deep; its weight's middle is at a third of the depth.
        let bend = Self.footprint { ($0 * 7, 5 * $0 * $0 - 2.5) }
        for t in [-0.8, -0.4, 0, 0.4, 0.8] { #expect(Self.holds(bend, 7 * t, 5 * t * t - 5.0 / 3), "\(t)") }
        #expect(!Self.holds(bend, 0, 1) && !Self.holds(bend, 5, -2))
    }

    @Test func noMotionHasNoExtent() {
        #expect(Self.footprint { _ in (0, 0) }.extent == 0)
        for even in [0, 1.0 / 361] { #expect(MotionFootprint(kernel: [Float](repeating: Float(even), count: 361), taps: 19).extent == 0) }
        #expect(MotionFootprint(kernel: [1], taps: 1).extent == 0)
        let corner = MotionFootprint(kernel: [Float](repeating: 0, count: 8) + [1], taps: 3)
        #expect(corner.extent == 0 && corner.centre == (2, 2) && Self.holds(corner, 0, 0))
    }

    /// The floor that a softmax leaves everywhere is no motion.
    @Test func theFloorDoesNotCount() {
        let line: (Double) -> (x: Double, y: Double) = { ($0 * 4, 0) }
        let low = MotionFootprint(kernel: MotionKernel.along(floor: 0, line), taps: Self.taps)
        let high = MotionFootprint(kernel: MotionKernel.along(floor: 0.002, line), taps: Self.taps)
        #expect(abs(low.extent - high.extent) < 0.01 && abs(low.level - high.level) < 0.01)
    }

    /// What spreads all ways keeps its extent: that an estimator does not know the direction does not mean that nothing moved.
    @Test func aRingIsAsWideAllWays() {
        let ring = Self.footprint { (5 * cos($0 * .pi), 5 * sin($0 * .pi)) }
        #expect(abs(ring.extent - 5 * 12.0.squareRoot()) < 0.5)
        for turn in stride(from: 0.0, to: 2 * .pi, by: .pi / 6) {
            #expect(Self.holds(ring, 5 * cos(turn), 5 * sin(turn)) && !Self.holds(ring, 8 * cos(turn), 8 * sin(turn)))
        }
    }

    @Test(arguments: [(2.3, 4.7), (0.5, 0.5), (3, 3), (4.9, 1.2)]) func theSlopeIsThatOfTheValue(x: Double, y: Double) {
        let kernel = (0..<25).map { Float($0 * 7 % 11) }
        let footprint = MotionFootprint(kernel: kernel, taps: 5), step = 1e-5
        let dx = (footprint.sample(x: x + step, y: y).value - footprint.sample(x: x - step, y: y).value) / (2 * step)
        let dy = (footprint.sample(x: x, y: y + step).value - footprint.sample(x: x, y: y - step).value) / (2 * step)
        #expect(abs(footprint.sample(x: x, y: y).slope - (dx * dx + dy * dy).squareRoot()) < 1e-6)
        #expect(footprint.sample(x: x + 100, y: y) == (0, 0) && footprint.sample(x: x, y: -1e300) == (0, 0))
    }
}
