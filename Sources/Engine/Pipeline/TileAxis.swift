/// One side of a picture cut into as few tiles as there may be, all of one size and no larger than that takes, each sharing at least
/// `overlap` pixels with the next.
///
/// In the middle of what two tiles share lies their seam. Up to it a position counts as the first tile's; across it the weights go linearly
/// from one tile to the other over half the overlap, so that the outermost quarter of it, which a tile sees beside its own border, is never
/// used.
struct TileAxis: Equatable {
    let length: Int
    let size: Int
    let starts: [Int]
    /// Seam i lies between tiles i and i + 1.
    private let seams: [Int]
    private let ramp: Int

    /// - Parameters:
    ///   - length: a multiple of `alignment`, as are `size`, the most a tile may have, and `overlap`, at most half of size
    ///   - alignment: starts are multiples of it
    ///   - seamMultiple: seams are multiples of it; divides alignment
    init(length: Int, size: Int, overlap: Int, alignment: Int, seamMultiple: Int) {
        self.length = length
        ramp = overlap / 2
        let stride = size - overlap
        let gaps = (max(length - size, 0) + stride - 1) / stride
        let needed = (length + gaps * overlap + gaps) / (gaps + 1)
        let even = (needed + alignment - 1) / alignment * alignment
        let spare = length - even
        let starts = gaps == 0 ? [0] : (0...gaps).map { spare * $0 / gaps / alignment * alignment }
        self.size = even
        self.starts = starts
        seams = zip(starts, starts.dropFirst()).map { first, second in (first + even + second) / 2 / seamMultiple * seamMultiple }
    }

    /// The positions that a tile answers for; together they cover the side once.
    func counted(_ tile: Int) -> Range<Int> {
        (tile == 0 ? 0 : seams[tile - 1])..<(tile == starts.count - 1 ? length : seams[tile])
    }

    /// The weight of every position of a tile, `[size]`; at each position of the side the tiles' weights sum to 1.
    func weights(_ tile: Int) -> [Float] {
        (starts[tile]..<(starts[tile] + size)).map { position in
            let before = tile == 0 ? 1 : rise(position, across: seams[tile - 1])
            let behind = tile == starts.count - 1 ? 0 : rise(position, across: seams[tile])
            return before - behind
        }
    }

    /// 0 before the seam's ramp, 1 behind it.
    private func rise(_ position: Int, across seam: Int) -> Float {
        let distance = Float(position - seam) + 0.5  // from the pixel's centre
        guard ramp > 0 else { return distance > 0 ? 1 : 0 }
        return min(max(distance / Float(ramp) + 0.5, 0), 1)
    }
}
