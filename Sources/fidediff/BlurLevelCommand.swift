import ArgumentParser
import Commands
import Engine
import Foundation

/// `fidediff blur-level`.
struct BlurLevelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blur-level", abstract: "Say how blurred pictures are.",
        discussion: "A bad file does not stop the others; the exit code is then 1.")

    @OptionGroup var pictures: PictureArguments

    @Flag(help: "List from the sharpest to the most blurred, when all are done.")
    var sort = false

    @Flag(help: "Print one JSON object per picture and line.")
    var json = false

    @OptionGroup var modelChoice: ModelChoice

    func run() throws {
        let deblurrer = try modelChoice.load(jobs: pictures.jobs)
        let outcome = PictureLoop(pictures.inputs(), jobs: pictures.jobs).run { (_, path, _) -> PictureReport in
            let data = try PictureFile.read(path)
            let info = try ImageInfo(of: data)
            let start = ContinuousClock.now
            let level = try deblurrer.blurLevel(of: data)
            return PictureReport(
                input: path, output: nil, width: info.width, height: info.height, level: level,
                seconds: (ContinuousClock.now - start) / .seconds(1))
        } each: { [sort, json] (report: PictureReport) in
            if !sort { print(try report.line(json: json)) }
        }
        if sort {
            // Of equals the first that was given stays first.
            let sorted = outcome.reports.enumerated().sorted {
                ($0.element.level?.timestep ?? 0, $0.offset) < ($1.element.level?.timestep ?? 0, $1.offset)
            }
            for (_, report) in sorted { print(try report.line(json: json)) }
        }
        try outcome.check()
    }
}
