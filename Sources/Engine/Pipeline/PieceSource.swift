/// A picture that can be had tile by tile: a photograph, or a tensor in one piece.
protocol PieceSource {
    /// `[3, tile height, tile width]` in 0...1
    func piece(_ tile: Tiling.Tile) -> Tensor
}

extension Photograph: PieceSource {
    /// Mirrored beyond the photograph's right and bottom.
    func piece(_ tile: Tiling.Tile) -> Tensor {
        Tensor(shape: [3, tile.height, tile.width], values: planes(x: tile.x, y: tile.y, width: tile.width, height: tile.height))
    }
}

extension Tensor: PieceSource {
    func piece(_ tile: Tiling.Tile) -> Tensor {
        precondition(
            shape == [3, tile.height, tile.width], "a tensor \(shape) is one piece, not one of \(tile.width)x\(tile.height) pixels")
        return self
    }
}
