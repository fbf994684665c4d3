/// The samples of one or three interleaved channels, in rows from the top, of 8 or 16 bits.
package enum Samples: Sendable, Equatable {
    case eight([UInt8])
    case sixteen([UInt16])

    package var count: Int {
        switch self {
        case .eight(let samples): samples.count
        case .sixteen(let samples): samples.count
        }
    }

    package var bitDepth: Int {
        switch self {
        case .eight: 8
        case .sixteen: 16
        }
    }
}
