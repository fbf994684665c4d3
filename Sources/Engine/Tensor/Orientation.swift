/// How stored rows and columns relate to the upright picture (Exif 2.32, 4.6.4 A, tag 274). The raw value is the tag's.
enum Orientation: Int, CaseIterable {
    /// The stored row 0 is the upright top, the stored column 0 the upright left.
    case up = 1
    case mirrored = 2
    case rotated180 = 3
    case flipped = 4
    /// From here on stored rows are upright columns.
    case transposed = 5
    /// To be turned by 90 degrees clockwise, as from a camera held upright.
    case rotated90 = 6
    case transversed = 7
    case rotated270 = 8

    /// The orientation that undoes this one.
    var inverse: Orientation {
        switch self {
        case .rotated90: .rotated270
        case .rotated270: .rotated90
        default: self
        }
    }

    var swapsSides: Bool { rawValue >= Orientation.transposed.rawValue }

    func uprightSize(width: Int, height: Int) -> (width: Int, height: Int) {
        swapsSides ? (height, width) : (width, height)
    }

    /// Where the stored row `row` of a stored picture of `width` x `height` goes: the upright index (y * upright width + x) of its
    /// first pixel, and the distance from each pixel to the next.
    func placement(ofRow row: Int, width: Int, height: Int) -> (start: Int, step: Int) {
        let lastRow = height - 1, lastColumn = width - 1
        switch self {
        case .up: return (row * width, 1)
        case .mirrored: return (row * width + lastColumn, -1)
        case .rotated180: return ((lastRow - row) * width + lastColumn, -1)
        case .flipped: return ((lastRow - row) * width, 1)
        case .transposed: return (row, height)
        case .rotated90: return (lastRow - row, height)
        case .transversed: return (lastColumn * height + lastRow - row, -height)
        case .rotated270: return (lastColumn * height + row, -height)
        }
    }
}
