@testable import Engine
import LoopReference
import Testing

@Suite(.timeLimit(.minutes(60))) struct GradientAutocorrelationTests {
    @Test func lagsAreAHalfPlane() {
        let lags = GradientAutocorrelation.lags
        #expect(lags.count == 205 && lags.first == Ops.Lag(across: 0, down: 0))
        for lag in lags.dropFirst() { #expect(!lags.contains(Ops.Lag(across: -lag.across, down: -lag.down))) }
    }

    /// A picture added to itself, moved by 8 pixels, agrees with itself 4 taps away, and nowhere else as well.
    @Test func aDoubledPictureShowsItsShift() throws {
        var numbers = Numbers(seed: 28)
        let noise = numbers.tensor([1, 160, 168])
        var plane: [Float] = []
        for y in 0..<160 {
            for x in 0..<160 { plane.append((noise.values[y * 168 + x] + noise.values[y * 168 + x + 8]) / 4 + 0.5) }
        }
        let doubled = Tensor(shape: [3, 160, 160], values: plane + plane + plane)
        let autocorrelation = GradientAutocorrelation(cell: 16, spacing: 2, compressed: true)
        let cells = autocorrelation.cells(doubled)  // 10 x 10
        let local = autocorrelation.local(cells), here = (0..<410).map { local.values[$0 * 100 + 55] },
            everywhere = PictureContext(of: cells).everywhere.values
        for shares in [here[..<205], here[205...], everywhere[..<205], everywhere[205...]].map(Array.init) {
            let beyondOne = shares.indices.filter {
                GradientAutocorrelation.lags[$0].across > 1 || GradientAutocorrelation.lags[$0].down > 1
            }
            let strongest = try #require(beyondOne.max { shares[$0] < shares[$1] })
            #expect(GradientAutocorrelation.lags[strongest] == Ops.Lag(across: 4, down: 0))
            #expect(abs(shares[strongest] - 0.5) < 0.1)
        }
    }

    /// Tiles that share pixels, each answering for its own cells, add up to the picture in one piece.
    @Test func tilesGiveThePicturesContext() {
        var numbers = Numbers(seed: 29)
        let picture = Ops.affine(numbers.tensor([3, 64, 256]), scale: 0.5, shift: 0.5)
        let autocorrelation = GradientAutocorrelation(cell: 16, spacing: 2, compressed: true)
        func columns(_ range: Range<Int>) -> Tensor {
            Tensor(
                shape: [3, 64, range.count],
                values: stride(from: 0, to: picture.count, by: 256).flatMap {
                    picture.values[($0 + range.lowerBound)..<($0 + range.upperBound)]
                })
        }
        var tiled = PictureContext()
        tiled.add(autocorrelation.cells(columns(0..<176)), rows: 0..<4, columns: 0..<8)
        tiled.add(autocorrelation.cells(columns(80..<256)), rows: 0..<4, columns: 3..<11)
        expectClose(tiled.everywhere, PictureContext(of: autocorrelation.cells(picture)).everywhere, tolerance: 1e-4, "tiled")
    }

    /// Pairs of pixels inside the picture are counted as they would be added up.
    @Test func pairsAreThoseOfAPictureOfOnes() throws {
        let ones = Tensor(shape: [1, 24, 40], values: [Float](repeating: 1, count: 24 * 40))
        let sums = Ops.lagProducts(ones, lags: GradientAutocorrelation.lags, cell: 8)
        let cells = GradientAutocorrelation.Cells(products: Tensor(zeros: sums.shape), side: 8)
        for (index, lag) in GradientAutocorrelation.lags.enumerated() {
            for row in 0..<3 {
                for column in 0..<5 {
                    let pairs = cells.pairs(lag, rows: row..<(row + 1), columns: column..<(column + 1))
                    try #require(Float(pairs) == sums.values[(index * 3 + row) * 5 + column], "\(lag) at \(row), \(column)")
                }
            }
            let all = Ops.rectangleSums(sums, rows: 0..<3, columns: 1..<4)[index]
            #expect(Double(cells.pairs(lag, rows: 0..<3, columns: 1..<4)) == all)
        }
    }
}
