import Foundation
@testable import Engine

/// The quality setting, in libjpeg's sense of 1 to 100, that a JPEG's luminance quantization table comes nearest to.
enum JPEGQuality {
    /// ITU-T T.81, table K.1. Only the sum of the scaled entries is used, so that their order does not matter.
    private static let luminance = [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100,
        103, 99,
    ]

    /// The sum of the table for each quality from 1 to 100. Qualities below 50 divide 5000, the others go linearly down to 0.
    private static let sums: [Int] = (1...100).map { quality in
        let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
        return luminance.reduce(0) { $0 + min(max(($1 * percent + 50) / 100, 1), 255) }
    }

    /// Whether the tables of a JPEG are those of about this quality.
    static func near(_ file: [UInt8], _ quality: Int) -> Bool {
        abs((estimate(of: Data(file)) ?? -100) - quality) <= 1
    }

    /// By the first table of the first DQT segment (B.2.4.1). Nil when it is not number 0, the luminance's by custom.
    private static func estimate(of file: Data) -> Int? {
        guard let segment = file.range(of: Data([0xFF, 0xDB])) else { return nil }
        let view = ByteView(file.dropFirst(segment.upperBound + 2))
        guard let kind = view.u8(at: 0), kind & 0x0F == 0 else { return nil }
        let isWide = kind >> 4 == 1
        var sum = 0
        for i in 0..<64 {
            guard let entry = isWide ? view.u16(at: 1 + 2 * i) : view.u8(at: 1 + i) else { return nil }
            sum += entry
        }
        return sums.indices.min { abs(sums[$0] - sum) < abs(sums[$1] - sum) }.map { $0 + 1 }
    }
}
