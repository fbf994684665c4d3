import ArgumentParser
import Engine

/// A format as --format spells it, in either case: jpeg, jpg or png.
extension ImageFormat: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.lowercased() == "jpg" ? "jpeg" : argument.lowercased())
    }

    /// As the extension of a file's name spells it, without the dot, in either case; browsers and Windows save .jfif, cameras of old .jpe.
    package init?(fileExtension: String) {
        switch fileExtension.lowercased() {
        case "jpg", "jpeg", "jpe", "jfif", "jif": self = .jpeg
        case "png": self = .png
        default: return nil
        }
    }
}
