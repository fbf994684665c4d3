/// Two photographs of one size in one picture, to look at: left, a white gap, right. 8 bits, in colour, without transparency; the left
/// one's format, profile and Exif.
package enum SideBySide {
    /// Rows that are converted at once: the memory stays small beside the photographs'.
    private static let stripRows = 64

    /// - Throws: `ImageError.unsupported` when the sizes differ
    package static func join(_ left: Photograph, _ right: Photograph) throws -> Photograph {
        guard left.width == right.width, left.height == right.height else {
            throw ImageError.unsupported(
                reason: "pictures of \(left.width)x\(left.height) and \(right.width)x\(right.height) cannot stand side by side")
        }
        let gap = max(2, left.width / 64)
        let width = 2 * left.width + gap
        var joined = Photograph(
            width: width, height: left.height, isGray: false, format: left.format,
            samples: .eight([UInt8](repeating: .max, count: width * left.height * 3)), metadata: left.metadata)  // [height, 2 w + gap, 3]
        // A profile of grey samples is none of RGB's.
        if left.isGray { joined.metadata.icc = nil }
        for top in stride(from: 0, to: left.height, by: stripRows) {
            let rows = min(stripRows, left.height - top)
            for (photograph, x) in [(left, 0), (right, left.width + gap)] {
                let planes = photograph.planes(x: 0, y: top, width: left.width, height: rows)  // [3, rows, w]
                joined.setPlanes(planes, x: x, y: top, width: left.width, height: rows)
            }
        }
        return joined
    }
}
