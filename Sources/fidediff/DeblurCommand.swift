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

    @Option(
        help: ArgumentHelp("How much of the change is made: 0 leaves the picture as it is, without asking the network.", valueName: "0-1"))
    var strength = 1.0

    @Option(
        help: ArgumentHelp(
            "What of Exif, XMP, IPTC, comments, texts and resolution is kept: all, all but the coordinates of the place, or nothing.",
            valueName: "keep|strip-gps|strip"))
    var metadata = MetadataPolicy.keep

    @Option(help: ArgumentHelp("A quick look: reduce the picture to this width first.", valueName: "pixels"))
    var preview: Int?

    @Flag(
        help: """
            Also write before and after in one picture, as NAME-compare: side by side, or one above the other where a JPEG cannot be as wide.
            """)
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
        guard (0...1).contains(strength) else { throw ValidationError("--strength is \(strength); use 0 to 1") }
        let widths = DeblurOptions.previewWidths
        if let preview, !widths.contains(preview) {
            throw ValidationError("--preview is \(preview); use \(widths.lowerBound) to \(widths.upperBound) pixels")
        }
        guard preview == nil || !compare else {
            throw ValidationError("--preview reduces the picture, and --compare needs both of one size; leave one of them out")
        }
        guard output != nil || !suffix.isEmpty else {
            throw ValidationError("where to? Use -o OUT, or --suffix TEXT to write beside each input")
        }
        guard !suffix.contains("/") else { throw ValidationError("--suffix is part of a file's name and cannot hold a slash") }
    }

    func run() throws {
        let inputs = pictures.inputs(ownSuffixes: ownSuffixes, output: output)
        let outputs = try OutputPlan(
            inputs: inputs, output: output, suffix: suffix, format: format,
            companions: (compare ? [.comparison] : []) + (kernels ? [.kernels] : []))
        let deblurrer = try modelChoice.load(jobs: pictures.jobs)
        let outcome = PictureLoop(inputs, jobs: pictures.jobs).run {
            [compare, kernels, options = options, maxPixels = modelChoice.pixelLimit] (index, path, onProgress) -> PictureReport in
            let destination = try outputs.destination(index)
            let start = ContinuousClock.now
            let input = try PictureFile.read(path)
            var options = options
            options.format = destination.format
            let picture = try deblurrer.deblur(input, options: options, onTimestep: { _ in }, onProgress: onProgress)
            try outputs.write(picture.data, to: destination.path)
            var comparison: String?
            if compare {
                let joined = try Deblurrer.sideBySide(
                    input, picture.data, maxPixels: maxPixels, as: picture.format, quality: options.quality)
                let place = destination.path(of: .comparison)
                try outputs.write(joined, to: place)
                comparison = place
            }
            var motion: PictureReport.Motion?
            if kernels {
                let drawing = try deblurrer.motionPicture(of: input)
                let place = destination.path(of: .kernels)
                try outputs.write(drawing.data, to: place)
                motion = PictureReport.Motion(path: place, scale: drawing.scale)
            }
            return PictureReport(
                input: path, output: destination.path, comparison: comparison, motion: motion, width: picture.width,
                height: picture.height, level: picture.predictedTimestep.map(BlurLevel.init(timestep:)), isUnchanged: picture.isUnchanged,
                reblurPSNR: picture.reblurPSNR, seconds: (ContinuousClock.now - start) / .seconds(1))
        } each: { [json] (report: PictureReport) in
            print(try report.line(json: json))
        }
        try outcome.check()
    }

    private var options: DeblurOptions {
        DeblurOptions(timestep: timestep.timestep, quality: quality, strength: strength, metadata: metadata, previewWidth: preview)
    }

    private var ownSuffixes: [String] {
        [suffix] + OutputPlan.Companion.allCases.map { suffix + $0.rawValue }
    }
}
