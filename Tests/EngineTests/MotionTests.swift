import Foundation
import Testing

@testable import Engine

/// From the kernel map to a drawing.
struct MotionTests {
    private static let taps = 19

    /// A kernel with its weight spread along a curve, t in -1...1, by bilinear splatting; and the floor that a softmax leaves.
    private static func kernel(floor: Float = 0.00002, _ curve: (Double) -> (x: Double, y: Double)) -> [Float] {
        var kernel = [Float](repeating: floor, count: taps * taps)
        for step in 0...400 {
            let point = curve(Double(step) / 200 - 1), x = point.x + 9, y = point.y + 9
            let (i, j) = (Int(x.rounded(.down)), Int(y.rounded(.down))), (fx, fy) = (Float(x - x.rounded(.down)), Float(y - y.rounded(.down)))
            for (u, v, weight) in [(0, 0, (1 - fx) * (1 - fy)), (1, 0, fx * (1 - fy)), (0, 1, (1 - fx) * fy), (1, 1, fx * fy)]
            where (0..<taps).contains(i + u) && (0..<taps).contains(j + v) {
                kernel[(j + v) * taps + i + u] += weight / 401
            }
        }
        return kernel
    }

    @Test(arguments: stride(from: 0.0, to: 180, by: 15).map { $0 }) func aLineHasItsLengthAndDirection(degrees: Double) {
        let (c, s) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
        let path = MotionPath(kernel: Self.kernel { ($0 * 7 * c, $0 * 7 * s) }, taps: Self.taps)
        #expect(abs(path.length - 14) < 1.2)
        let first = path.points[0], last = path.points[path.points.count - 1]
        // The same line whichever end comes first.
        let cross = (last.x - first.x) * s - (last.y - first.y) * c
        #expect(abs(cross) < 0.4, "off the line by \(cross)")
        #expect(path.points.allSatisfy { abs($0.x * s - $0.y * c) < 0.6 })
    }

    @Test func aBendIsFollowed() {
        // A parabola, 14 wide and 5 deep; its weight's middle is at a third of the depth.
        let path = MotionPath(kernel: Self.kernel { ($0 * 7, 5 * $0 * $0 - 2.5) }, taps: Self.taps)
        let middle = path.points[path.points.count / 2], ends = [path.points[0], path.points[path.points.count - 1]]
        #expect(ends.allSatisfy { $0.y - middle.y > 3.2 })
        #expect(path.length > 15)
    }

    @Test func noMotionIsOnePoint() {
        #expect(MotionPath(kernel: Self.kernel { _ in (0, 0) }, taps: Self.taps).length == 0)
        #expect(MotionPath(kernel: [Float](repeating: 0, count: 361), taps: 19).points == [.init(x: 0, y: 0)])
        // Round, as of a lens out of focus, and even all over.
        #expect(MotionPath(kernel: Self.kernel { (5 * cos($0 * .pi), 5 * sin($0 * .pi)) }, taps: Self.taps).length < 1)
        #expect(MotionPath(kernel: [Float](repeating: 1.0 / 361, count: 361), taps: 19).length < 0.01)
    }

    /// The wider a stripe, the less of its length is motion.
    @Test func whatSpreadsAllWaysIsNoMotion() {
        func stripe(_ half: Int) -> Double {
            let weights = (0..<361).map { abs($0 % 19 - 9) <= 6 && abs($0 / 19 - 9) <= half ? Float(1) : 0 }
            return MotionPath(kernel: weights, taps: 19).length
        }
        let lengths = [0, 2, 4, 5, 6].map(stripe)
        #expect(abs(lengths[0] - 12) < 0.01 && lengths[4] < 0.01)
        #expect(zip(lengths, lengths.dropFirst()).allSatisfy { $0 > $1 }, "\(lengths)")
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

    @Test func theDrawingShowsEachCellsPath() throws {
        let gray = Photograph(width: 200, height: 100, isGray: true, format: .jpeg, samples: .eight([UInt8](repeating: 200, count: 20_000)))
        let along = Self.kernel { ($0 * 7, 0) }, down = Self.kernel { (0, $0 * 7) }
        let grid = MotionGrid(columns: 2, rows: 1, taps: Self.taps, tapSpacing: 2, kernels: [along, down])
        let picture = MotionDrawing.draw(grid, over: gray)
        #expect((picture.width, picture.height, picture.isGray, picture.bitDepth) == (200, 100, false, 8))
        guard case .eight(let samples) = picture.samples else { Issue.record("another depth"); return }
        func isLine(_ x: Int, _ y: Int) -> Bool { samples[(y * 200 + x) * 3] > 220 && samples[(y * 200 + x) * 3 + 2] < 80 }
        func isPhotograph(_ x: Int, _ y: Int) -> Bool { (0..<3).allSatisfy { abs(Int(samples[(y * 200 + x) * 3 + $0]) - 120) <= 1 } }
        // Both cells are 100 wide; the longest path fills nine tenths.
        #expect((8...92).allSatisfy { isLine($0, 50) } && (8...92).allSatisfy { isLine(150, $0) })
        #expect(isPhotograph(0, 50) && isPhotograph(99, 50) && isPhotograph(50, 30) && isPhotograph(150, 0) && isPhotograph(120, 50))
        #expect(picture == MotionDrawing.draw(grid, over: gray))
    }

    @Test func aStillPictureGetsDots() {
        let photograph = ImagingTestPictures.photograph(width: 160, height: 160)
        let still = MotionGrid(columns: 2, rows: 2, taps: Self.taps, tapSpacing: 1, kernels: Array(repeating: Self.kernel { _ in (0, 0) }, count: 4))
        let picture = MotionDrawing.draw(still, over: photograph)
        guard case .eight(let samples) = picture.samples else { Issue.record("another depth"); return }
        let bright = (0..<160 * 160).count { samples[$0 * 3] > 240 && samples[$0 * 3 + 2] < 60 }
        #expect((4...4 * 20).contains(bright), "\(bright) pixels of four dots")
    }

    @Test func largePhotographsAreReducedAndKeepTheirColours() {
        let icc = ImagingTestPictures.profile(colourSpace: "RGB ")
        let photograph = ImagingTestPictures.photograph(
            width: 100, height: 3200, bitDepth: 16, metadata: PhotographMetadata(icc: icc, exif: ImagingTestPictures.exif(orientation: 1)))
        let grid = MotionGrid(columns: 1, rows: 1, taps: 3, tapSpacing: 1, kernels: [[0, 0, 0, 1, 1, 1, 0, 0, 0]])
        let picture = MotionDrawing.draw(grid, over: photograph)
        #expect((picture.width, picture.height) == (50, 1600))
        #expect(picture.metadata == PhotographMetadata(icc: icc))
    }

    @Test func linesMayLeaveThePicture() {
        var canvas = Canvas(planes: [Float](repeating: 0, count: 3 * 100), width: 10, height: 10)
        canvas.stroke([.init(x: -50, y: -50), .init(x: 50, y: 50)], radius: 1, colour: [1, 1, 1])
        #expect((0..<10).allSatisfy { canvas.planes[$0 * 10 + $0] == 1 })
        #expect(canvas.planes[9] == 0)
        canvas.stroke([.init(x: 500, y: 5)], radius: 3, colour: [1, 1, 1])
        canvas.stroke([], radius: 3, colour: [1, 1, 1])
    }

    /// The real estimator: tiled and whole agree, and what comes out is a picture.
    @Test(arguments: ["tiny", "tiny-pixel"]) func theEngineDrawsWhatItSees(model: String) throws {
        let deblurrer = try Deblurrer(modelDirectory: Fixtures.model(model))
        let data = try PhotographEncoder.encode(EngineTestPictures.textured(width: 90, height: 50))
        let picture = try PhotographDecoder.decode(deblurrer.motionPicture(of: data, across: 8))
        #expect((picture.width, picture.height, picture.format) == (90, 50, .png))
        #expect(try deblurrer.motionPicture(of: data, across: 8) == deblurrer.motionPicture(of: data, across: 1), "below the range is its lower end")

        let network = try ModelFolder(at: Fixtures.model(model)).load()
        let grid = try Restoration(network: network).motionGrid(of: EngineTestPictures.textured(width: 90, height: 50), across: 8)
        #expect((grid.columns, grid.rows) == (8, 4))
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
