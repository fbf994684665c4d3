/// Draws a `MotionGrid` over its photograph: in the middle of each cell the path of its kernel, all enlarged alike, so that the longest fills its
/// cell; a dot where nothing moved. The photograph is darkened, and reduced where it is large.
enum MotionDrawing {
    /// Pixels, of the picture that comes out.
    static let longestSide = 1600

    private static let line: [Float] = [1, 0.84, 0.1]
    private static let outline: [Float] = [0, 0, 0]
    private static let dimmed: Float = 0.6
    /// Of the cell that the longest path fills.
    private static let filled = 0.9
    /// Short paths are not blown up beyond this: they would look like motion.
    private static let mostEnlarged = 6.0
    /// Pixels of the photograph: shorter paths are dots.
    private static let leastLength = 1.0

    /// - Returns: 8 bits, RGB, with the colour profile and without Exif
    static func draw(_ grid: MotionGrid, over photograph: Photograph) -> Photograph {
        let base = reduced(photograph)
        let width = base.width, height = base.height
        var canvas = Canvas(planes: base.planes(x: 0, y: 0, width: width, height: height).map { $0 * dimmed }, width: width, height: height)

        let cell = (width: Double(width) / Double(grid.columns), height: Double(height) / Double(grid.rows))
        let scale = Double(width) / Double(photograph.width) * Double(grid.tapSpacing)      // pixels of the drawing for each tap
        let paths = grid.kernels.map { MotionPath(kernel: $0, taps: grid.taps) }
        let longest = paths.map(\.length).max() ?? 0
        let enlarged = longest > 0 ? min(filled * min(cell.width, cell.height) / (longest * scale), mostEnlarged) : 1
        let thickness = min(max(min(cell.width, cell.height) / 40, 0.75), 2)                // half of the line's

        for (index, path) in paths.enumerated() {
            let middle = MotionPath.Point(
                x: (Double(index % grid.columns) + 0.5) * cell.width, y: (Double(index / grid.columns) + 0.5) * cell.height)
            let moves = path.length * Double(grid.tapSpacing) >= leastLength
            let points = (moves ? path.points : [MotionPath.Point(x: 0, y: 0)]).map {
                MotionPath.Point(x: middle.x + $0.x * scale * enlarged, y: middle.y + $0.y * scale * enlarged)
            }
            canvas.stroke(points, radius: thickness + 1, colour: outline)
            canvas.stroke(points, radius: thickness, colour: line)
        }
        var result = Photograph(
            width: width, height: height, isGray: false, format: .png, samples: .eight([UInt8](repeating: 0, count: 3 * width * height)),
            metadata: PhotographMetadata(icc: photograph.metadata.icc))
        result.setPlanes(canvas.planes, x: 0, y: 0, width: width, height: height)
        return result
    }

    private static func reduced(_ photograph: Photograph) -> Photograph {
        let longest = max(photograph.width, photograph.height)
        guard longest > longestSide else { return photograph }
        return photograph.reduced(toWidth: photograph.width * longestSide / longest)
    }
}

/// Planar RGB in 0...1, shape [3, height, width], to draw lines on.
struct Canvas {
    private(set) var planes: [Float]
    let width, height: Int

    init(planes: [Float], width: Int, height: Int) {
        precondition(planes.count == 3 * width * height, "\(planes.count) values for [3, \(height), \(width)]")
        (self.planes, self.width, self.height) = (planes, width, height)
    }

    /// A line through the points with round ends, its edge smoothed over one pixel; one point is a disc. What lies outside is not drawn.
    /// - Parameters:
    ///   - points: pixel (0, 0) reaches from 0 to 1
    ///   - radius: half the line's width, pixels
    mutating func stroke(_ points: [MotionPath.Point], radius: Double, colour: [Float]) {
        guard let first = points.first else { return }
        let edge = radius + 1
        let (left, right) = (points.map(\.x).min() ?? first.x, points.map(\.x).max() ?? first.x)
        let (top, bottom) = (points.map(\.y).min() ?? first.y, points.map(\.y).max() ?? first.y)
        for y in Self.inside(top - edge, bottom + edge, height) {
            for x in Self.inside(left - edge, right + edge, width) {
                let distance = Self.distance(MotionPath.Point(x: Double(x) + 0.5, y: Double(y) + 0.5), to: points, first)
                let cover = Float(min(max(radius + 0.5 - distance, 0), 1))
                guard cover > 0 else { continue }
                for channel in 0..<3 {
                    let index = (channel * height + y) * width + x
                    planes[index] += (colour[channel] - planes[index]) * cover
                }
            }
        }
    }

    /// The pixels of one side that lie between two places.
    private static func inside(_ first: Double, _ last: Double, _ count: Int) -> Range<Int> {
        (Int(first.rounded(.down))..<Int(last.rounded(.up)) + 1).clamped(to: 0..<count)
    }

    private static func distance(_ p: MotionPath.Point, to points: [MotionPath.Point], _ first: MotionPath.Point) -> Double {
        var least = squared(p, first)
        for (a, b) in zip(points, points.dropFirst()) {
            let (dx, dy) = (b.x - a.x, b.y - a.y)
            let length = dx * dx + dy * dy
            let share = length > 0 ? min(max(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0), 1) : 0
            least = min(least, squared(p, MotionPath.Point(x: a.x + share * dx, y: a.y + share * dy)))
        }
        return least.squareRoot()
    }

    private static func squared(_ a: MotionPath.Point, _ b: MotionPath.Point) -> Double { (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) }
}
