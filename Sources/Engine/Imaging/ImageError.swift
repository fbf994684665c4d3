/// What can be wrong with a picture. The description names the limit, the measured value and the way out.
public enum ImageError: Error, Equatable {
    /// The first bytes are neither a JPEG's nor a PNG's.
    case notAnImage
    /// The stream breaks its own format or ends early.
    case corrupt(reason: String)
    case tooManyPixels(limit: Int, found: Int)
    /// Bytes of memory for this picture, and what there is for one.
    case tooMuchMemory(limit: Int, needed: Int, width: Int, height: Int)
    case tooSmall(minimumSide: Int, width: Int, height: Int)
    /// The system gave no memory for it, though the plan had room: not the picture's fault, and another time it may.
    case outOfMemory
    /// Within the format, but of a kind that is not read or cannot be written.
    case unsupported(reason: String)
}

extension ImageError: CustomStringConvertible {
    /// Names the limit, the measured value and the way out.
    public var description: String {
        switch self {
        case .notAnImage:
            "This is neither a JPEG nor a PNG file. Convert the picture to one of the two."
        case .corrupt(let reason):
            "The picture is damaged: \(reason). Send the original file again, whole."
        case .tooManyPixels(let limit, let found):
            "The picture has \(found) pixels; at most \(limit) are accepted. Reduce it or cut it into parts."
        case .tooMuchMemory(let limit, let needed, let width, let height):
            "The picture of \(width)x\(height) pixels needs \(needed >> 20) MiB of memory; there are \(limit >> 20) for one. Reduce it, cut it into "
                + "parts, or allow more memory."
        case .tooSmall(let minimumSide, let width, let height):
            "The picture is \(width)x\(height) pixels; each side needs at least \(minimumSide). Send a larger one."
        case .outOfMemory:
            "The system has no memory left for this picture. Try again later, or send a smaller one."
        case .unsupported(let reason):
            "The picture is of a kind that is not supported: \(reason)."
        }
    }
}
