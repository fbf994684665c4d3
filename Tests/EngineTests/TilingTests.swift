@testable import Engine
import Testing

@Suite(.timeLimit(.minutes(60))) struct TilingTests {
    static let axes = (1...60).flatMap { length in [(96, 32), (64, 32), (128, 0), (80, 16)].map { (length * 16, $0.0, $0.1) } }

    @Test func tilesCoverEverySideOnceAndTheirWeightsSumToOne() {
        for (length, size, overlap) in Self.axes {
            let axis = TileAxis(length: length, size: size, overlap: overlap, alignment: 16, seamMultiple: 4)
            let label = "length \(length), size \(size), overlap \(overlap)"
            #expect(axis.starts.allSatisfy { $0 % 16 == 0 && $0 >= 0 && $0 + axis.size <= length }, "\(label)")
            #expect(zip(axis.starts, axis.starts.dropFirst()).allSatisfy { $1 > $0 && $0 + axis.size - $1 >= overlap }, "\(label)")
            var covered: [Int] = [], sums = [Float](repeating: 0, count: length)
            for (tile, start) in axis.starts.enumerated() {
                let counted = axis.counted(tile)
                #expect(counted.lowerBound >= start && counted.upperBound <= start + axis.size && counted.lowerBound % 4 == 0, "\(label)")
                covered += counted
                for (offset, weight) in axis.weights(tile).enumerated() {
                    #expect((0...1).contains(weight), "\(label)")
                    sums[start + offset] += weight
                }
            }
            #expect(covered == Array(0..<length), "\(label)")
            #expect(sums.allSatisfy { abs($0 - 1) < 1e-6 }, "\(label)")
        }
    }

    /// What a tile sees beside a border that is not the picture's is not used.
    @Test func bordersBetweenTilesCarryNoWeight() {
        let axis = TileAxis(length: 320, size: 96, overlap: 32, alignment: 16, seamMultiple: 4)
        for tile in axis.starts.indices {
            let weights = axis.weights(tile)
            if tile > 0 { #expect(weights.prefix(4).allSatisfy { $0 == 0 }) }
            if tile < axis.starts.count - 1 { #expect(weights.suffix(4).allSatisfy { $0 == 0 }) }
        }
    }

    @Test func smallPicturesAreOnePiece() throws {
        let config = try ModelConfig(at: Fixtures.model("tiny-pixel"))  // at most 16384 pixels
        #expect(Tiling(width: 128, height: 128, config: config).isWhole)
        #expect(Tiling(width: 1024, height: 16, config: config).tiles.count == 1)
        let large = Tiling(width: 144, height: 128, config: config)
        #expect(!large.isWhole && large.tiles.count == 2)
    }

    /// Cut into tiles and put together, a picture is itself.
    @Test func blendingTheSamePictureChangesNothing() throws {
        let config = try ModelConfig(at: Fixtures.model("tiny-pixel"))
        var numbers = Numbers(seed: 23)
        let picture = numbers.tensor([3, 304, 208])
        let joined = join(picture.shape, config) { tile in
            let rows = Channels(rows: tile.y..<(tile.y + tile.height), of: picture).tensor
            return Tensor(
                shape: [3, tile.height, tile.width],
                values: stride(from: 0, to: rows.count, by: rows.width).flatMap {
                    rows.values[($0 + tile.x)..<($0 + tile.x + tile.width)]
                })
        }
        expectClose(joined, picture, tolerance: 1e-6, "joined")
    }

    /// Tiles that disagree by 1 meet in a ramp, never in a step.
    @Test func disagreeingTilesMeetInARamp() throws {
        let config = try ModelConfig(at: Fixtures.model("tiny-pixel"))  // overlap 64: ramps of 32
        let joined = join([3, 304, 304], config) { tile in
            Tensor(
                shape: [3, tile.height, tile.width],
                values: .init(repeating: Float((tile.row + tile.column) % 2), count: 3 * tile.height * tile.width))
        }
        #expect(joined.values.min() == 0 && joined.values.max() == 1)
        let neighbours = zip(joined.values, joined.values.dropFirst()).enumerated().filter { ($0.offset + 1) % joined.width != 0 }
        #expect((neighbours.map { abs($0.element.0 - $0.element.1) }.max() ?? 1) <= 1.01 / 32)
        let downwards = zip(joined.values.prefix(304 * 304), joined.values.dropFirst(304).prefix(303 * 304)).map { abs($0 - $1) }
        #expect((downwards.max() ?? 1) <= 1.01 / 32)
    }

    private func join(_ shape: [Int], _ config: ModelConfig, _ piece: (Tiling.Tile) -> Tensor) -> Tensor {
        let tiling = Tiling(width: shape[2], height: shape[1], config: config)
        var strip = BlendStrip(tiling), bands: [Tensor] = []
        for tile in tiling.tiles { strip.add(piece(tile), tile) { rows, _ in bands.append(rows.tensor) } }
        return Ops.stackedRows(bands)
    }
}
