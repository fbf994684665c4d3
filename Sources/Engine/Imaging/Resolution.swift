import Foundation

/// How densely a picture's pixels are to be printed: a JPEG's JFIF density (ITU-T T.871, 10.1), a PNG's pHYs (ISO/IEC 15948, 11.3.4.3).
struct Resolution: Sendable, Equatable {
    enum Unit: Int, Sendable {
        /// x and y are the sides of a pixel's shape alone.
        case none, inch, centimetre, metre
    }

    var unit: Unit
    /// Pixels in one unit, across and down; at least 1.
    var x, y: Int

    private static let metresPerInch = 0.0254

    /// nil for what says nothing: zeros, and square pixels without a unit.
    init?(_ unit: Unit, x: Int, y: Int) {
        guard x > 0, y > 0, unit != .none || x != y else { return nil }
        (self.unit, self.x, self.y) = (unit, x, y)
    }

    /// - Parameter phys: the content of a pHYs chunk
    init?(phys: Data) {
        let view = ByteView(phys)
        guard view.count == 9, let x = view.u32(at: 0), let y = view.u32(at: 4), let unit = view.u8(at: 8), unit <= 1 else { return nil }
        self.init(unit == 1 ? .metre : .none, x: x, y: y)
    }

    /// Of the picture on its side.
    var turned: Resolution {
        var result = self
        (result.x, result.y) = (y, x)
        return result
    }

    /// Unit, across and down as JFIF has them, two bytes each; nil for what does not fit.
    var jfif: (unit: Int, x: Int, y: Int)? {
        let scale = unit == .metre ? Self.metresPerInch : 1
        let (x, y) = (Int((Double(self.x) * scale).rounded()), Int((Double(self.y) * scale).rounded()))
        guard (1...0xFFFF).contains(x), (1...0xFFFF).contains(y) else { return nil }
        return ((unit == .metre ? .inch : unit).rawValue, x, y)
    }

    /// The content of a pHYs chunk; nil for what does not fit.
    var phys: Data? {
        let scale: Double =
            switch unit {
            case .none, .metre: 1
            case .inch: 1 / Self.metresPerInch
            case .centimetre: 100
            }
        let sides = [x, y].map { Int((Double($0) * scale).rounded()) }
        guard sides.allSatisfy({ (1..<1 << 31).contains($0) }) else { return nil }
        return PNGChunk.bigEndian(sides[0]) + PNGChunk.bigEndian(sides[1]) + Data([unit == .none ? 0 : 1])
    }
}
