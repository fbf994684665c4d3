import ArgumentParser
import Commands
import Engine
import Foundation

/// `fidediff deblur`.
struct DeblurCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deblur", abstract: "Deblur pictures.",
        discussion: """
            With one picture, OUT is a file or a folder; with several it is a folder, and each output keeps its input's name. With --suffix and \
            without -o, each output lies beside its input. Nothing is written over an input. A bad file does not stop the others; the exit code \
            is then 1.
            """)

    @OptionGroup var pictures: PictureArguments

    @Option(name: [.short, .long], help: ArgumentHelp("File or folder to write to.", valueName: "out"), completion: .file())
    var output: String?

    // unconditional: "-sharp" is the text, no option.
    @Option(parsing: .unconditional, help: ArgumentHelp("Added to each output's name: photo.jpg becomes photoTEXT.jpg.", valueName: "text"))
    var suffix = ""

    @Flag(help: "Also write before and after side by side, as NAME-compare.")
    var compare = false

    @Flag(help: "Also write the estimated motion drawn over the photograph, as NAME-kernels.png.")
    var kernels = false

    @Option(help: ArgumentHelp("Blur level to assume: auto, or 0 to 999.", valueName: "auto|n"))
    var timestep = TimestepChoice(timestep: nil)

    @Option(help: "Format of the output: jpeg or png. Default: as OUT's name says, else the input's.", completion: .list(["jpeg", "png"]))
    var format: ImageFormat?

    @Option(help: "JPEG quality, 1 to 100.")
    var quality = 95

    @Flag(help: "Print one JSON object per picture and line.")
    var json = false

    @OptionGroup var modelChoice: ModelChoice

    func validate() throws {
        guard (1...100).contains(quality) else { throw ValidationError("--quality is \(quality); use 1 to 100") }
        guard output != nil || !suffix.isEmpty else {
            throw ValidationError("where to? Use -o OUT, or --suffix TEXT to write beside each input")
        }
        guard !suffix.contains("/") else { throw ValidationError("--suffix is part of a file's name and cannot hold a slash") }
    }

    func run() throws {
        let inputs = pictures.inputs(ignoredSuffixes: ownSuffixes)
        let outputs = try OutputPlan(
            inputs: inputs, output: output, suffix: suffix, format: format,
            companions: (compare ? [.comparison] : []) + (kernels ? [.kernels] : []))
        let deblurrer = try modelChoice.load(jobs: pictures.jobs)
        let outcome = PictureLoop(inputs, jobs: pictures.jobs).run {
            [timestep, quality, compare, kernels, maxPixels = modelChoice.pixelLimit] (index, path, onProgress) -> PictureReport in
            let destination = try outputs.destination(index)
            let start = ContinuousClock.now
            let input = try Data(contentsOf: URL(fileURLWithPath: path))
            let picture = try deblurrer.deblur(
                input, options: DeblurOptions(timestep: timestep.timestep, format: destination.format, quality: quality),
                onTimestep: { _ in }, onProgress: onProgress)
            let url = destination.url(for: picture.format)
            try destination.write(picture.data, to: url)
            var comparison: URL?
            if compare {
                let joined = try Deblurrer.sideBySide(input, picture.data, maxPixels: maxPixels, as: picture.format, quality: quality)
                let place = destination.url(of: .comparison, for: picture.format)
                try destination.write(joined, to: place)
                comparison = place
            }
            var motion: PictureReport.Motion?
            if kernels {
                let drawing = try deblurrer.motionPicture(of: input)
                let place = destination.url(of: .kernels, for: picture.format)
                try destination.write(drawing.data, to: place)
                motion = PictureReport.Motion(path: place.path, scale: drawing.scale)
            }
            return PictureReport(
                input: path, output: url.path, comparison: comparison?.path, motion: motion, width: picture.width,
                height: picture.height, level: BlurLevel(timestep: picture.predictedTimestep), isUnchanged: picture.isUnchanged,
                reblurPSNR: picture.reblurPSNR, seconds: (ContinuousClock.now - start) / .seconds(1))
        } each: { [json] (report: PictureReport) in
            print(try report.line(json: json))
        }
        try outcome.check()
    }

    /// Of what an earlier run has written beside its inputs.
    private var ownSuffixes: [String] {
        guard output == nil else { return [] }
        return [suffix] + OutputPlan.Companion.allCases.map { suffix + $0.rawValue }
    }
}
