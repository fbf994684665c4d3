import ArgumentParser
import Commands
import Engine
import Foundation

/// `fidediff model inspect` and `fidediff model verify`.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Look into a model folder.", subcommands: [Inspect.self, Verify.self])

    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the parts of a model, their parameters and cost, and everything that keeps it from being loaded.",
            discussion: "The exit code is 1 when the model cannot be loaded.")

        @Argument(help: ArgumentHelp("Folder with config.json.", valueName: "dir"), completion: .directory)
        var folder: String

        @Option(help: ArgumentHelp("Picture that the cost is for, in pixels.", valueName: "WxH"))
        var size = PictureSize(width: 1280, height: 720)

        @Option(help: ArgumentHelp(ModelChoice.viewsHelp, discussion: "Default: as the model has it.", valueName: "n"))
        var views: Int?

        @Flag(
            inversion: .prefixedNo,
            help: ArgumentHelp(
                "Plan for large files of weights held in memory, or left on disk.", discussion: "Default: as this machine's memory has it.")
        )
        var holdWeights: Bool?

        @Flag(help: "Print one JSON object.")
        var json = false

        func validate() throws {
            guard min(size.width, size.height) >= ImageInfo.minimumSide, size.width * size.height <= ImageInfo.defaultMaxPixels else {
                throw ValidationError(
                    "a picture of \(size); use sides of at least \(ImageInfo.minimumSide) and at most \(ImageInfo.defaultMaxPixels) pixels")
            }
        }

        func run() throws {
            let report = Deblurrer.inspectModel(
                at: URL(fileURLWithPath: folder, isDirectory: true), views: views, width: size.width, height: size.height,
                holdWeights: holdWeights)
            print(json ? try ModelReportText.json(report) : ModelReportText.table(report, width: size.width, height: size.height))
            if !report.problems.isEmpty { throw ExitCode.failure }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare every stage of the network with the values that the PyTorch twin recorded.",
            discussion: "The exit code is 1 when a stage is further off than the tolerance.")

        @Argument(help: ArgumentHelp("Folder with config.json.", valueName: "dir"), completion: .directory)
        var folder: String

        @Option(
            help: ArgumentHelp("The recorded stages, a safetensors file.", valueName: "file"),
            completion: .file(extensions: ["safetensors"]))
        var stages: String

        @Option(help: "Largest relative L2 error of a stage.")
        var tolerance = 1e-4

        @Flag(help: "Print one JSON object per stage and line.")
        var json = false

        func run() throws {
            let comparisons = try Deblurrer.compareStages(
                model: URL(fileURLWithPath: folder, isDirectory: true), stages: URL(fileURLWithPath: stages))
            for comparison in comparisons {
                print(json ? try ModelReportText.json(comparison) : ModelReportText.row(comparison, tolerance))
            }
            // Not "greater": a NaN is no success either.
            let isWithin = comparisons.allSatisfy { $0.relativeL2 <= tolerance }
            if !isWithin { throw ExitCode.failure }
        }
    }
}
