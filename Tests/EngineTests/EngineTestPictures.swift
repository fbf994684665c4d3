import Engine
import Foundation

/// Pictures made by formula.
enum EngineTestPictures {
    /// Slow waves of light and colour.
    static func smooth(width: Int, height: Int) -> Photograph {
        photograph(width: width, height: height) { x, y, channel in
            0.5 + 0.35 * sin(Double(x) / 61 + Double(channel)) * cos(Double(y) / 47)
        }
    }

    /// Fine detail everywhere: waves, edges and grain.
    static func textured(width: Int, height: Int) -> Photograph {
        var numbers = Numbers(seed: 24)
        return photograph(width: width, height: height) { x, y, channel in
            let stripes = (x / 7 + y / 5) % 2 == 0 ? 0.15 : -0.15
            return 0.5 + stripes + 0.15 * sin(Double(x * y) / 300 + Double(channel)) + 0.1 * Double(numbers.next())
        }
    }

    private static func photograph(width: Int, height: Int, _ value: (Int, Int, Int) -> Double) -> Photograph {
        var samples: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { for channel in 0..<3 { samples.append(UInt8(min(max(value(x, y, channel), 0), 1) * 255)) } }
        }
        return Photograph(width: width, height: height, isGray: false, format: .png, samples: .eight(samples))
    }
}
