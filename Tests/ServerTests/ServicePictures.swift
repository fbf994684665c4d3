import Foundation
@testable import Engine

/// Pictures to post.
enum ServicePictures {
    /// Smooth colours, 8 bits.
    static func picture(_ width: Int = 48, _ height: Int = 32, format: ImageFormat = .png) throws -> Data {
        let samples = (0..<width * height * 3).map { index -> UInt8 in
            let x = index / 3 % width, y = index / 3 / width
            return UInt8([40 + 150 * x / width, 200 - 120 * y / height, 80 + 60 * (x + y) / (width + height)][index % 3])
        }
        return try PhotographEncoder.encode(
            Photograph(
                width: width, height: height, isGray: false, format: format, samples: .eight(samples), alpha: nil,
                metadata: PhotographMetadata()))
    }

    /// Whole headers, half the pixels: only decoding shows the damage.
    static func damaged() throws -> Data {
        let whole = try picture(64, 64)
        return whole.prefix(whole.count / 2)
    }
}
