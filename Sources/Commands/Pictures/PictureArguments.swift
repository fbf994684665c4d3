import ArgumentParser
import Engine

/// What deblur and blur-level take alike: which pictures, and how many at a time.
package struct PictureArguments: ParsableArguments {
    @Argument(
        help: ArgumentHelp("JPEG or PNG pictures, folders of them, or patterns such as 'holiday/*.jpg'.", valueName: "in"),
        completion: .file(extensions: ["jpg", "jpeg", "png", "JPG", "JPEG", "PNG"]))
    package var inputs: [String]

    @Flag(name: [.short, .long], help: "Go into the folders of a folder too.")
    package var recursive = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Pictures at a time.",
            discussion: "They share the processor: more than one helps with many small pictures, and takes more memory.",
            valueName: "n"))
    package var jobs = 1

    package init() {}

    package func validate() throws {
        guard (1...256).contains(jobs) else { throw ValidationError("--jobs is \(jobs); use 1 to 256") }
    }

    /// - Parameter ignoredSuffixes: as of `PictureInputs`.
    package func inputs(ignoredSuffixes: [String] = []) -> PictureInputs {
        PictureInputs(inputs, isRecursive: recursive, ignoredSuffixes: ignoredSuffixes)
    }
}
