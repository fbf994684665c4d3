/// Two photographs of one size in one picture, to look at: left, a white gap, right; or above, gap, below, where a JPEG cannot be as wide.
/// 8 bits, in colour, without transparency; the left one's format, profile and Exif.
package enum SideBySide {
    /// Rows that are converted at once: the memory stays small beside the photographs'.
    private static let stripRows = 64

    /// - Parameter format: that the picture will be written in; nil: the left one's
    /// - Throws: `ImageError.unsupported` when the sizes differ
    package static func join(_ left: Photograph, _ right: Photograph, for format: ImageFormat? = nil) throws -> Photograph {
        guard left.width == right.width, left.height == right.height else {
            throw ImageError.unsupported(
                reason: "pictures of \(left.width)x\(left.height) and \(right.width)x\(right.height) cannot stand side by side")
        }
        let gap = max(2, left.width / 64), width = 2 * left.width + gap, height = left.height
        let isBeside = (try? (format ?? left.format).require(width: width, height: height)) != nil
        let size = isBeside ? (width: width, height: height) : (width: left.width, height: 2 * height + gap)
        var joined = Photograph(
            width: size.width, height: size.height, isGray: false, format: left.format,
            samples: .eight([UInt8](repeating: .max, count: size.width * size.height * 3)), metadata: left.metadata)
        // A profile of grey samples is none of RGB's.
        if left.isGray { joined.metadata.icc = nil }
        for top in stride(from: 0, to: height, by: stripRows) {
            let rows = min(stripRows, height - top)
            for (photograph, x, y) in [(left, 0, 0), (right, isBeside ? width - left.width : 0, isBeside ? 0 : height + gap)] {
                let planes = photograph.planes(x: 0, y: top, width: left.width, height: rows)  // [3, rows, w]
                joined.setPlanes(planes, x: x, y: y + top, width: left.width, height: rows)
            }
        }
        return joined
    }
}
