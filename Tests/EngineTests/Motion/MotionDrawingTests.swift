import Foundation
import Testing

@testable import Engine

/// From the kernel map to a drawing.
@Suite(.timeLimit(.minutes(60))) struct MotionDrawingTests {
    private static let taps = MotionKernel.taps

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
        let along = MotionKernel.along { ($0 * 7, 0) }, down = MotionKernel.along { (0, $0 * 7) }
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
        let uneven = MotionKernel.along { t in (7 * (t < 0.8 ? -1 + (t + 1) / 1.8 : 5 * (t - 0.8)), 0) }
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
            let grid = MotionGrid(columns: 1, rows: 1, taps: Self.taps, tapSpacing: 2, kernels: [MotionKernel.along { ($0 * half, 0) }])
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

    @Test func aStillPictureGetsDots() throws {
        let still = MotionGrid(
            columns: 2, rows: 2, taps: Self.taps, tapSpacing: 1, kernels: Array(repeating: MotionKernel.along { _ in (0, 0) }, count: 4))
        let samples = try Self.pixels(MotionDrawing(still, over: Self.even(0, 160, 160)))
        let bright = (0..<160 * 160).count { samples[$0 * 3 + 2] > 240 && samples[$0 * 3] < 120 }
        #expect((4...4 * 60).contains(bright), "\(bright) pixels of four dots")
    }

    @Test func theCaptionsBarIsAsLongAsItSays() throws {
        let still = MotionKernel.along { _ in (0, 0) }
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
        let wide = MotionKernel.along { ($0 * 9, 0) }, still = MotionKernel.along { _ in (0, 0) }
        var kernels = Array(repeating: still, count: 20)
        kernels[7] = wide
        let grid = MotionGrid(columns: 5, rows: 4, taps: Self.taps, tapSpacing: 2, kernels: kernels)
        let samples = try Self.pixels(MotionDrawing(grid, over: Self.even(0, 50, 40)))
        // Of one of twenty the scale takes no notice: 27 pixels in a cell of 10.
        #expect((20..<30).allSatisfy { samples[(15 * 50 + $0) * 3] > 200 })
        #expect(samples[(15 * 50 + 19) * 3] == 0 && samples[(15 * 50 + 30) * 3] == 0)
    }
}
