/// A picture cut into overlapping tiles, row by row; one tile when it is small enough.
struct Tiling {
    struct Tile {
        let row, column: Int
        let x, y, width, height: Int
    }

    let rows, columns: TileAxis

    /// - Parameters: width and height of a picture, which is mirrored beyond its right and bottom up to the configuration's alignment
    init(of config: ModelConfig, pictureWidth: Int, pictureHeight: Int) {
        func aligned(_ length: Int) -> Int { (length + config.alignment - 1) / config.alignment * config.alignment }
        self.init(width: aligned(pictureWidth), height: aligned(pictureHeight), config: config)
    }

    /// - Parameters: width and height of the aligned picture
    init(width: Int, height: Int, config: ModelConfig) {
        self.init(width: width, height: height, config: config, whole: width * height <= config.tile.maxPixels)
    }

    /// One tile, however large. - Parameters: width and height of the aligned picture
    init(inOnePiece config: ModelConfig, width: Int, height: Int) {
        self.init(width: width, height: height, config: config, whole: true)
    }

    private init(width: Int, height: Int, config: ModelConfig, whole: Bool) {
        func axis(_ length: Int) -> TileAxis {
            TileAxis(
                length: length, size: whole ? length : config.tile.size, overlap: whole ? 0 : config.tile.overlap,
                alignment: config.alignment,
                seamMultiple: config.kernelEstimator.cell << (config.scales - 1))
        }
        rows = axis(height)
        columns = axis(width)
    }

    var isWhole: Bool { rows.starts.count == 1 && columns.starts.count == 1 }

    /// All tiles, from left to right, then from top to bottom.
    var tiles: [Tile] {
        rows.starts.enumerated().flatMap { row, y in
            columns.starts.enumerated().map { column, x in
                Tile(row: row, column: column, x: x, y: y, width: columns.size, height: rows.size)
            }
        }
    }
}
