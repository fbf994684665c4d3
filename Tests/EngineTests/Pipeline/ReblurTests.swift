import Foundation
import Testing

@testable import Engine

/// The re-blur certificate.
@Suite(.timeLimit(.minutes(60))) struct ReblurTests {
    private static let config = ModelConfig.KernelEstimator(m: 5, channels: [4, 4, 4], unshuffle: 4, tapSpacing: 2, inputs: [.pixels])

    /// Certificate of a kernel map `[25, height / 4, width / 4]`, fed whole or in parts that overlap.
    private static func reblur(_ map: Tensor, width: Int, height: Int, inParts: Bool = false) -> Reblur {
        var reblur = Reblur(config, height: height, width: width)
        guard inParts else {
            reblur.add(map, top: 0, left: 0, counted: (0..<map.height, 0..<map.width))
            return reblur
        }
        let (rows, columns) = (map.height / 2, map.width / 2)
        for (top, counted) in [(0, 0..<rows), (rows - 1, rows..<map.height)] {
            for (left, across) in [(0, 0..<columns), (columns - 2, columns..<map.width)] {
                let height = top == 0 ? rows + 1 : map.height - top, width = left == 0 ? columns + 2 : map.width - left
                var part = Tensor(zeros: [25, height, width])
                for tap in 0..<25 {
                    for y in 0..<height {
                        for x in 0..<width {
                            part.values[(tap * height + y) * width + x] = map.values[(tap * map.height + top + y) * map.width + left + x]
                        }
                    }
                }
                reblur.add(part, top: top, left: left, counted: (counted, across))
            }
        }
        return reblur
    }

    private static func map(width: Int, height: Int, _ kernel: (Int, Int) -> [Float]) -> Tensor {
        var map = Tensor(zeros: [25, height / 4, width / 4])
        for y in 0..<map.height {
            for x in 0..<map.width {
                for (tap, weight) in kernel(y, x).enumerated() { map.values[(tap * map.height + y) * map.width + x] = weight }
            }
        }
        return map
    }

    private static let still: [Float] = (0..<25).map { $0 == 12 ? 1 : 0 }
    private static func numbers(_ y: Int, _ x: Int) -> [Float] {
        let weights = (0..<25).map { Float((($0 * 7 + y * 3 + x * 5) % 11)) }, sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    @Test(arguments: [[16, 16], [44, 32], [300, 150]]) func withoutMotionOnlyTheSameExplains(size: [Int]) {
        let photograph = EngineTestPictures.textured(width: size[0], height: size[1])
        let reblur = Self.reblur(Self.map(width: size[0], height: size[1]) { _, _ in Self.still }, width: size[0], height: size[1])
        #expect(reblur.psnr(photograph, explains: photograph) == Reblur.most)
        let other = EngineTestPictures.smooth(width: size[0], height: size[1])
        #expect(reblur.psnr(other, explains: photograph) < 20)
    }

    /// Against the definition, written out with one loop for each dimension.
    @Test(arguments: [[48, 32], [256, 132]]) func isWhatItsDefinitionSays(size: [Int]) {
        let (width, height) = (size[0], size[1])
        let result = EngineTestPictures.textured(width: width, height: height),
            photograph = EngineTestPictures.smooth(width: width, height: height)
        func light(_ picture: Photograph, _ channel: Int, _ y: Int, _ x: Int) -> Double {
            var sum = 0.0
            for dy in 0..<2 {
                for dx in 0..<2 {
                    sum += pow(Double(picture.planes(x: x + dx, y: y + dy, width: 1, height: 1)[channel]), 2.2) / 4
                }
            }
            return sum
        }
        var sum = 0.0, count = 0
        let (rows, columns) = (min(height / 4, 32), min(width / 4, 32))
        for i in 0..<rows {
            for j in 0..<columns {
                for channel in 0..<3 {
                    let row = (2 * i + 1) * (height / 4) / (2 * rows), column = (2 * j + 1) * (width / 4) / (2 * columns)
                    var blurred = 0.0
                    for (tap, weight) in Self.numbers(row, column).enumerated() {
                        blurred += Double(weight) * light(result, channel, 4 * row + (tap / 5 - 2) * 2, 4 * column + (tap % 5 - 2) * 2)
                    }
                    sum += pow(blurred - light(photograph, channel, 4 * row, 4 * column), 2)
                    count += 1
                }
            }
        }
        let map = Self.map(width: width, height: height, Self.numbers)
        for inParts in [false, true] {
            let psnr = Self.reblur(map, width: width, height: height, inParts: inParts).psnr(result, explains: photograph)
            #expect(abs(psnr + 10 * log10(sum / Double(count))) < 1e-3, "\(psnr)")
        }
    }

    @Test func depthsAgree() {
        let eight = EngineTestPictures.textured(width: 64, height: 48), other = EngineTestPictures.smooth(width: 64, height: 48)
        func deep(_ picture: Photograph) -> Photograph {
            guard case .eight(let values) = picture.samples else { return picture }
            return Photograph(
                width: picture.width, height: picture.height, isGray: false, format: .png,
                samples: .sixteen(values.map { UInt16($0) * 257 }))
        }
        let reblur = Self.reblur(Self.map(width: 64, height: 48, Self.numbers), width: 64, height: 48)
        #expect(abs(reblur.psnr(eight, explains: other) - reblur.psnr(deep(eight), explains: deep(other))) < 1e-3)
    }
}
