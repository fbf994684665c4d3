import ArgumentParser

/// A size on the command line, such as 1280x720.
package struct PictureSize: ExpressibleByArgument, CustomStringConvertible {
    /// The sides in pixels.
    package let width, height: Int

    package init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    package init?(argument: String) {
        let sides = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1], (1...100_000).contains(width), (1...100_000).contains(height)
        else { return nil }
        self.init(width: width, height: height)
    }

    package var description: String { "\(width)x\(height)" }
    package var defaultValueDescription: String { description }
}
