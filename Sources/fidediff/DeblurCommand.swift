// DeblurCommand.swift: fidediff deblur.

import ArgumentParser
import Engine
import Foundation

struct DeblurCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deblur", abstract: "Deblur pictures.",
        discussion: "With one input, OUT is a file or a folder; with several it is a folder, and each output keeps its input's name. A bad file does not stop the others; the exit code is then 1.")

    @Argument(help: ArgumentHelp("JPEG or PNG pictures.", valueName: "in"))
    var inputs: [String]

    @Option(name: [.short, .long], help: ArgumentHelp("File or folder to write to.", valueName: "out"))
    var output: String

    @Option(help: ArgumentHelp("Blur level to assume: auto, or 0 to 999.", valueName: "auto|n"))
    var timestep = TimestepChoice(timestep: nil)

    @Option(help: "Format of the output: jpeg or png. Default: as OUT's name says, else the input's.")
    var format: ImageFormat?

    @Option(help: "JPEG quality, 1 to 100.")
    var quality = 95

    @Flag(help: "Print one JSON object per picture and line.")
    var json = false

    @OptionGroup var modelChoice: ModelChoice

    func validate() throws {
        guard (1...100).contains(quality) else { throw ValidationError("--quality is \(quality); use 1 to 100") }
    }

    func run() throws {
        let outputs = try OutputPlan(inputs: inputs, output: output, format: format)
        let deblurrer = try modelChoice.load()
        try PictureLoop(paths: inputs).run { index, path, bar in
            let destination = try outputs.destination(index)
            let start = ContinuousClock.now
            let picture = try deblurrer.deblur(
                try Data(contentsOf: URL(fileURLWithPath: path)),
                options: DeblurOptions(timestep: timestep.timestep, format: destination.format, quality: quality),
                onTimestep: { _ in }, onProgress: { bar.show($0) })
            let url = destination.url(for: picture.format)
            try picture.data.write(to: url, options: .atomic)
            bar.clear()
            print(try PictureReport(
                input: path, output: url.path, width: picture.width, height: picture.height,
                level: BlurLevel(timestep: picture.predictedTimestep), seconds: (ContinuousClock.now - start) / .seconds(1)
            ).line(json: json))
        }
    }
}

/// `auto` or 0...999.
struct TimestepChoice: ExpressibleByArgument {
    let timestep: Int?

    init(timestep: Int?) {
        self.timestep = timestep
    }

    init?(argument: String) {
        if argument == "auto" {
            timestep = nil
        } else if let value = Int(argument), (0...999).contains(value) {
            timestep = value
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { timestep.map(String.init) ?? "auto" }
}

extension ImageFormat: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rawValue: argument.lowercased() == "jpg" ? "jpeg" : argument.lowercased())
    }
}
