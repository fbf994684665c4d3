/// How far things moved, as a colour: from blue over yellow to red. All are light, and they differ in more than hue.
enum MotionColour {
    private static let stops: [(extent: Double, colour: SIMD3<Float>)] = [
        (3, SIMD3(0.35, 0.8, 1)), (9, SIMD3(1, 0.88, 0.25)), (24, SIMD3(1, 0.5, 0.3)),
    ]

    /// - Parameter extent: pixels of the photograph
    static func of(extent: Double) -> SIMD3<Float> {
        for (lower, upper) in zip(stops, stops.dropFirst()) where extent <= upper.extent {
            let share = Float(max((extent - lower.extent) / (upper.extent - lower.extent), 0))
            return lower.colour + (upper.colour - lower.colour) * share
        }
        return stops[stops.count - 1].colour
    }
}
