import Foundation

/// Why a model folder cannot be used. Every case names the file, and the tensor or key where there is one.
public enum ModelError: Error, Equatable, Sendable {
    /// A file of the folder is absent or unreadable.
    case unreadable(file: String, reason: String)
    /// `config.json` is not what it should be; `key` is the path of the value, such as `unet.layers_per_block`.
    case invalidConfiguration(file: String, key: String, reason: String)
    /// The header or layout of a safetensors file breaks the format.
    case corrupt(file: String, reason: String)
    /// A tensor's bytes end beyond the file.
    case truncated(file: String, tensor: String, neededBytes: Int, foundBytes: Int)
    case unsupportedType(file: String, tensor: String, type: String)
    case missing(file: String, tensor: String, shape: [Int])
    case misshapen(file: String, tensor: String, expected: [Int], found: [Int])
    case unused(file: String, tensor: String, shape: [Int])
    /// Bytes of memory that the weights take with the program itself, and what there is.
    case tooMuchMemory(limit: Int, needed: Int)
    /// Everything that is wrong, when more than one thing is.
    case several([ModelError])

    /// Throws what was found, if anything was.
    static func raise(_ problems: [ModelError]) throws {
        if problems.count > 1 { throw ModelError.several(problems) }
        if let only = problems.first { throw only }
    }

    /// One error for each thing that is wrong.
    public var all: [ModelError] {
        if case .several(let errors) = self { errors.flatMap(\.all) } else { [self] }
    }
}

extension ModelError: CustomStringConvertible, LocalizedError {
    /// Names the file, the tensor and both shapes.
    public var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read: \(reason)"
        case .invalidConfiguration(let file, let key, let reason):
            "\(file): \(key): \(reason)"
        case .corrupt(let file, let reason):
            "\(file): not a valid safetensors file: \(reason)"
        case .truncated(let file, let tensor, let needed, let found):
            "\(file): tensor \(tensor) needs \(needed) bytes of data, the file holds \(found): it was cut short"
        case .unsupportedType(let file, let tensor, let type):
            "\(file): tensor \(tensor) is stored as \(type); F32, F16 and BF16 can be read"
        case .missing(let file, let tensor, let shape):
            "\(file): tensor \(tensor) is missing; the configuration needs it with shape \(shape)"
        case .misshapen(let file, let tensor, let expected, let found):
            "\(file): tensor \(tensor) has shape \(found), the configuration needs \(expected)"
        case .unused(let file, let tensor, let shape):
            "\(file): tensor \(tensor) of shape \(shape) has no place in the configured network"
        case .tooMuchMemory(let limit, let needed):
            "the weights need \(needed >> 20) MiB of memory, and there are \(limit >> 20); allow more"
        case .several(let errors):
            errors.prefix(8).map(\.description).joined(separator: "\n") + (errors.count > 8 ? "\n... and \(errors.count - 8) more" : "")
        }
    }

    /// The same text as `description`, for Foundation's texts.
    public var errorDescription: String? { description }
}
