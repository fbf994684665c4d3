@testable import Engine
import Testing

/// Tiles blended where they meet.
@Suite(.timeLimit(.minutes(60))) struct BlendStripTests {
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
