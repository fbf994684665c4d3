/// Planar RGB in 0...1, shape [3, height, width], to draw a motion on. What is drawn has a dark rim, so that it is seen on any ground.
struct Canvas {
    /// A rectangle in pixels.
    struct Box: Equatable {
        let x, y: Range<Int>
    }

    private(set) var planes: [Float]
    let width, height: Int

    private static let rimWidth = 1.5
    private static let rimDarkness: Float = 0.75
    /// How much of the colour is laid on where a footprint's area has least weight.
    private static let leastFill = 0.12

    init(planes: [Float], width: Int, height: Int) {
        precondition(planes.count == 3 * width * height, "\(planes.count) values for [3, \(height), \(width)]")
        (self.planes, self.width, self.height) = (planes, width, height)
    }

    /// - Parameter cover: 0...1
    mutating func blend(_ x: Int, _ y: Int, _ colour: SIMD3<Float>, cover: Float) {
        for channel in 0..<3 {
            let index = (channel * height + y) * width + x
            planes[index] += (colour[channel] - planes[index]) * cover
        }
    }

    mutating func fill(_ box: Box, _ colour: SIMD3<Float>, cover: Float = 1) {
        for y in box.y.clamped(to: 0..<height) {
            for x in box.x.clamped(to: 0..<width) { blend(x, y, colour, cover: cover) }
        }
    }

    /// A disc in the middle of a box.
    mutating func dot(in box: Box, radius: Double, colour: SIMD3<Float>) {
        draw(in: box, thickness: 1, colour: colour) { x, y in (radius - (x * x + y * y).squareRoot(), 1) }
    }

    /// The area of a footprint with its centre in the middle of a box: its outline whole, its inside by weight. What lies outside the box
    /// is not drawn.
    /// - Parameters:
    ///   - tap: pixels from one tap to the next
    ///   - thickness: of the outline, pixels
    mutating func draw(_ footprint: MotionFootprint, in box: Box, tap: Double, thickness: Double, colour: SIMD3<Float>) {
        draw(in: box, thickness: thickness, colour: colour) { x, y in
            let (value, slope) = footprint.sample(x: x / tap + footprint.centre.x, y: y / tap + footprint.centre.y)
            // To first order: how far the outline is, in pixels.
            return ((value - footprint.level) / max(slope, 1e-9) * tap, value)
        }
    }

    /// - Parameter shape: of a place from the middle of the box: how far inside it is, pixels, and how much weight is there, 0...1
    private mutating func draw(
        in box: Box, thickness: Double, colour: SIMD3<Float>, shape: (_ x: Double, _ y: Double) -> (inside: Double, weight: Double)
    ) {
        let middle = (x: Double(box.x.lowerBound + box.x.upperBound) / 2, y: Double(box.y.lowerBound + box.y.upperBound) / 2)
        func unit(_ value: Double) -> Double { min(max(value, 0), 1) }
        for y in box.y {
            for x in box.x {
                let (inside, weight) = shape(Double(x) + 0.5 - middle.x, Double(y) + 0.5 - middle.y)
                let rim = unit(inside + Self.rimWidth * thickness + 0.5)
                guard rim > 0 else { continue }
                let area = unit(inside + 0.5)  // its edge smoothed over one pixel
                let outline = area * unit(thickness + 0.5 - inside)
                let filling = area * (Self.leastFill + (1 - Self.leastFill) * unit(weight))
                blend(x, y, SIMD3(0, 0, 0), cover: Float(rim) * Self.rimDarkness)
                blend(x, y, colour, cover: Float(max(filling, outline)))
            }
        }
    }
}
