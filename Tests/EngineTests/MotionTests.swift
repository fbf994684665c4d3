import Foundation
import Testing

@testable import Engine

/// From the kernel map to a drawing.
@Suite(.timeLimit(.minutes(60))) struct MotionTests {
    private static let taps = 19

    /// A kernel with its weight spread along a curve, t in -1...1, by bilinear splatting; and the floor that a softmax leaves.
    private static func kernel(floor: Float = 0.00002, _ curve: (Double) -> (x: Double, y: Double)) -> [Float] {
        var kernel = [Float](repeating: floor, count: taps * taps)
        for step in 0...400 {
            let point = curve(Double(step) / 200 - 1), x = point.x + 9, y = point.y + 9
            let (i, j) = (Int(x.rounded(.down)), Int(y.rounded(.down))),
                (fx, fy) = (Float(x - x.rounded(.down)), Float(y - y.rounded(.down)))
            for (u, v, weight) in [(0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)]
            where (0..<taps).contains(i + u) && (0..<taps).contains(j + v) {
                kernel[(j + v) * taps + i + u] += weight / 401
            }
        }
        return kernel
    }

    private static func footprint(_ curve: (Double) -> (x: Double, y: Double)) -> MotionFootprint {
        MotionFootprint(kernel: kernel(curve), taps: taps)
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
        let low = MotionFootprint(kernel: Self.kernel(floor: 0, line), taps: Self.taps)
        let high = MotionFootprint(kernel: Self.kernel(floor: 0.002, line), taps: Self.taps)
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

    @Test(arguments: [
        (16, 1280, 720, 16, 9), (16, 720, 1280, 9, 16), (8, 100, 100, 8, 8), (24, 5000, 16, 24, 1), (16, 16, 16, 4, 4),
    ])
    func gridsHaveSquareCells(across: Int, width: Int, height: Int, columns: Int, rows: Int) {
        let size = MotionGrid.size(across: across, width: width, height: height, positions: (width / 4, height / 4))
        #expect(size == (columns, rows))
    }

    /// The same means whether the map comes whole or in parts, each position counted once.
    @Test func cellsAverageTheirPart() {
        let height = 13, width = 22, taps = 3
        let map = Tensor(shape: [taps, height, width], values: (0..<taps * height * width).map { Float($0 * 37 % 101) })
        var whole = KernelGrid(taps: taps, columns: 5, rows: 3, height: height, width: width), parts = whole
        whole.add(map, top: 0, left: 0, counted: (0..<height, 0..<width))
        for rows in [0..<4, 4..<13] {
            for (left, counted) in [(0, 0..<10), (8, 10..<22)] {
                let columns = left..<(left == 0 ? 12 : 22)
                let values = (0..<taps).flatMap { tap in rows.flatMap { y in columns.map { map.values[(tap * height + y) * width + $0] } } }
                parts.add(
                    Tensor(shape: [taps, rows.count, columns.count], values: values), top: rows.lowerBound, left: left,
                    counted: (rows, counted))
            }
        }
        #expect(whole.means.count == 15)
        for (a, b) in zip(whole.means.joined(), parts.means.joined()) { #expect(abs(a - b) < 1e-4) }
        // Cell (1, 2): rows 4 ..< 8, columns 8 ..< 13.
        for tap in 0..<taps {
            var sum: Float = 0
            for y in 4..<8 { for x in 8..<13 { sum += map.values[(tap * height + y) * width + x] } }
            #expect(abs(whole.means[7][tap] - sum / 20) < 1e-4)
        }
    }

    private static func even(_ value: UInt8, _ width: Int, _ height: Int) -> Photograph {
        Photograph(
            width: width, height: height, isGray: true, format: .jpeg, samples: .eight([UInt8](repeating: value, count: width * height)))
    }

    private static func pixels(_ drawing: MotionDrawing) throws -> [UInt8] {
        guard case .eight(let samples) = drawing.picture.samples else { throw ImageError.notAnImage }
        return samples
    }

    @Test func theDrawingShowsEachCellsKernel() throws {
        let gray = Self.even(200, 200, 100)
        let along = Self.kernel { ($0 * 7, 0) }, down = Self.kernel { (0, $0 * 7) }
        let grid = MotionGrid(columns: 2, rows: 1, taps: Self.taps, tapSpacing: 2, kernels: [along, down])
        let drawing = MotionDrawing(grid, over: gray), picture = drawing.picture, samples = try Self.pixels(drawing)
        #expect((picture.width, picture.height, picture.isGray, picture.bitDepth) == (200, 100, false, 8))
        // 28 pixels long in a cell of 100; drawn 84 long.
        #expect(drawing.scale == 3)
        func isDrawn(_ x: Int, _ y: Int) -> Bool { samples[(y * 200 + x) * 3] > 200 && samples[(y * 200 + x) * 3 + 2] < 110 }
        func isPhotograph(_ x: Int, _ y: Int) -> Bool { (0..<3).allSatisfy { abs(Int(samples[(y * 200 + x) * 3 + $0]) - 109) <= 1 } }
        #expect((-34...34).allSatisfy { isDrawn(50 + $0, 50) && isDrawn(150, 50 + $0) })
        #expect(isPhotograph(1, 50) && isPhotograph(98, 50) && isPhotograph(50, 20) && isPhotograph(150, 1) && isPhotograph(120, 50))
        #expect(picture == MotionDrawing(grid, over: gray).picture)
    }

    @Test(arguments: [([28.0], 100.0, 3.0), ([14], 100, 6), ([50], 100, 2), ([500], 100, 0.25), ([0], 100, 6), ([0], 30, 2.5), ([], 50, 4)])
    func theScaleFollowsThePicturesOwnKernels(extents: [Double], cell: Double, scale: Double) {
        #expect(MotionDrawing.scale(for: extents, cell: cell) == scale)
    }

    @Test func fewLongKernelsDoNotShrinkTheOthers() {
        #expect(MotionDrawing.scale(for: [Double](repeating: 20, count: 95) + [Double](repeating: 200, count: 5), cell: 60) == 3)
        #expect(MotionDrawing.scale(for: [Double](repeating: 20, count: 80) + [Double](repeating: 60, count: 20), cell: 60) == 1)
    }

    /// The inside tells how long the light stayed.
    @Test func whatHasMoreWeightIsMoreOpaque() throws {
        // Nine tenths of the time on the left half.
        let uneven = Self.kernel { t in (7 * (t < 0.8 ? -1 + (t + 1) / 1.8 : 5 * (t - 0.8)), 0) }
        let drawing = MotionDrawing(
            MotionGrid(columns: 1, rows: 1, taps: Self.taps, tapSpacing: 2, kernels: [uneven]), over: Self.even(40, 300, 300))
        let samples = try Self.pixels(drawing)
        let row = (0..<300).map { Int(samples[(150 * 300 + $0) * 3]) }
        let brightest = try #require(row.max()), place = try #require(row.firstIndex(of: brightest))
        #expect(brightest > 240 && place < 150, "\(place)")
    }

    /// WCAG's contrast of the outline with what is beside it, over black, white and between.
    @Test(arguments: [UInt8(0), 90, 180, 255]) func theDrawingIsSeenOnEveryGround(ground: UInt8) throws {
        for half in [1.5, 4.0, 8] {
            let grid = MotionGrid(columns: 1, rows: 1, taps: Self.taps, tapSpacing: 2, kernels: [Self.kernel { ($0 * half, 0) }])
            let samples = try Self.pixels(MotionDrawing(grid, over: Self.even(ground, 64, 64)))
            let column = (0..<64).map { y in
                zip([0.2126, 0.7152, 0.0722], 0..<3).reduce(0) { sum, part in
                    let value = Double(samples[(y * 64 + 32) * 3 + part.1]) / 255
                    return sum + part.0 * (value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4))
                }
            }
            let brightest = try #require(column.max())
            #expect((brightest + 0.05) / (column[0] + 0.05) >= 2, "against the ground, half \(half)")
            #expect((brightest + 0.05) / ((column.min() ?? 1) + 0.05) >= 4.5, "against its rim, half \(half)")
        }
    }

    @Test func theColourSaysHowFar() {
        let near = MotionColour.of(extent: 2), middle = MotionColour.of(extent: 9), far = MotionColour.of(extent: 200)
        #expect(near.z > near.x && middle.x > middle.z && far.x > far.y)
        #expect(MotionColour.of(extent: 16.5) == (middle + far) / 2)
        for extent in stride(from: 0.0, to: 40, by: 0.5) { #expect(MotionColour.of(extent: extent).max() >= 0.8) }
    }

    @Test func aStillPictureGetsDots() throws {
        let still = MotionGrid(
            columns: 2, rows: 2, taps: Self.taps, tapSpacing: 1, kernels: Array(repeating: Self.kernel { _ in (0, 0) }, count: 4))
        let samples = try Self.pixels(MotionDrawing(still, over: Self.even(0, 160, 160)))
        let bright = (0..<160 * 160).count { samples[$0 * 3 + 2] > 240 && samples[$0 * 3] < 120 }
        #expect((4...4 * 60).contains(bright), "\(bright) pixels of four dots")
    }

    @Test(arguments: [
        (2.0, 1.5, 32.0, 10, "10px ×1.5"), (6, 6, 80, 10, "10px ×6"), (0.25, 0.25, 60, 200, "200px ×0.25"), (50, 6, 20, 1, "1px ×6"),
    ])
    func theCaptionSaysTheScale(pixel: Double, scale: Double, cell: Double, length: Int, text: String) {
        let caption = MotionCaption(pixel: pixel, scale: scale, cell: cell)
        #expect(caption.length == length && caption.text == text)
    }

    @Test func theCaptionsBarIsAsLongAsItSays() throws {
        let still = Self.kernel { _ in (0, 0) }
        let grid = MotionGrid(columns: 16, rows: 12, taps: Self.taps, tapSpacing: 2, kernels: Array(repeating: still, count: 192))
        func longestRun(_ width: Int, _ height: Int) throws -> Int {
            let samples = try Self.pixels(MotionDrawing(grid, over: Self.even(0, width, height)))
            return (0..<height).map { y in
                var (run, longest) = (0, 0)
                for x in 0..<width {
                    run = samples[(y * width + x) * 3..<(y * width + x) * 3 + 3].allSatisfy { $0 == 255 } ? run + 1 : 0
                    longest = max(longest, run)
                }
                return longest
            }.max() ?? 0
        }
        // Cells of 40: three times as large, 10 pixels are 30.
        #expect(try longestRun(640, 480) == 30)
        // Over so small a picture a caption would hide it.
        #expect(try longestRun(80, 60) == 0)
    }

    @Test func largePhotographsAreReducedAndKeepTheirColours() {
        let icc = ImagingTestPictures.profile(colourSpace: "RGB ")
        let photograph = ImagingTestPictures.photograph(
            width: 100, height: 3200, bitDepth: 16, metadata: PhotographMetadata(icc: icc, exif: ImagingTestPictures.exif(orientation: 1)))
        let grid = MotionGrid(columns: 1, rows: 1, taps: 3, tapSpacing: 1, kernels: [[0, 0, 0, 1, 1, 1, 0, 0, 0]])
        let picture = MotionDrawing(grid, over: photograph).picture
        #expect((picture.width, picture.height) == (50, 1600))
        #expect(picture.metadata == PhotographMetadata(icc: icc))
    }

    @Test func nothingIsDrawnOutsideItsCell() throws {
        let wide = Self.kernel { ($0 * 9, 0) }, still = Self.kernel { _ in (0, 0) }
        var kernels = Array(repeating: still, count: 20)
        kernels[7] = wide
        let grid = MotionGrid(columns: 5, rows: 4, taps: Self.taps, tapSpacing: 2, kernels: kernels)
        let samples = try Self.pixels(MotionDrawing(grid, over: Self.even(0, 50, 40)))
        // Of one of twenty the scale takes no notice: 27 pixels in a cell of 10.
        #expect((20..<30).allSatisfy { samples[(15 * 50 + $0) * 3] > 200 })
        #expect(samples[(15 * 50 + 19) * 3] == 0 && samples[(15 * 50 + 30) * 3] == 0)
    }

    /// The real estimator: tiled and whole agree, and what comes out is a picture.
    @Test(arguments: [("tiny", 8, 4), ("tiny-pixel", 8, 4), ("tiny-lags", 5, 3)])
    func theEngineDrawsWhatItSees(model: String, columns: Int, rows: Int) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model(model))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 90, height: 50))
        let picture = try PhotographDecoder.decode(deblurrer.motionPicture(of: data, across: 8).data)
        #expect((picture.width, picture.height, picture.format) == (90, 50, .png))
        #expect(
            try deblurrer.motionPicture(of: data, across: 8) == deblurrer.motionPicture(of: data, across: 1),
            "below the range is its lower end")

        let network = try ModelFolder(at: Fixtures.model(model)).load()
        let grid = try Restoration(network: network).motionGrid(of: EngineTestPictures.textured(width: 90, height: 50), across: 8)
        #expect((grid.columns, grid.rows) == (columns, rows))
        for kernel in grid.kernels { #expect(abs(kernel.reduce(0, +) - 1) < 1e-3) }
        #expect(throws: ImageError.self) { try deblurrer.motionPicture(of: Data([1]), across: 8) }
    }

    @Test func tilesSeeTheSameMotion() throws {
        var config = try ModelFolder(at: Fixtures.model("tiny-pixel")).load().config
        config.tile.maxPixels = 1 << 20
        let whole = try ModelFolder(at: Fixtures.model("tiny-pixel"), config: config).load()
        // Half of what tiles share is about as far as M looks around a place: windows of 5 cells of 16 pixels, then five convolutions.
        config.tile = .init(maxPixels: 1 << 14, size: 256, overlap: 128)
        let tiled = try ModelFolder(at: Fixtures.model("tiny-pixel"), config: config).load()
        // A plain half, whose tiles alone would show another picture than the whole.
        var photograph = EngineTestPictures.textured(width: 400, height: 330)
        photograph.setPlanes([Float](repeating: 0.5, count: 3 * 230 * 330), x: 0, y: 0, width: 230, height: 330)
        let one = try Restoration(network: whole).motionGrid(of: photograph, across: 8)
        let many = try Restoration(network: tiled).motionGrid(of: photograph, across: 8)
        #expect((one.columns, one.rows) == (many.columns, many.rows))
        let worst = zip(one.kernels.joined(), many.kernels.joined()).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        // Without what the whole picture shows it is 0.019.
        #expect(worst < 0.005, "a tap differs by \(worst)")
    }
}
