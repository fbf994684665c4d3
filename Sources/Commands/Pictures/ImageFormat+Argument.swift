import ArgumentParser
import Engine

/// A format as --format or a file's extension spells it, in either case: jpeg, jpg or png.
extension ImageFormat: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.lowercased() == "jpg" ? "jpeg" : argument.lowercased())
    }
}
