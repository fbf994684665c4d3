// BlurLevelCommand.swift: fidediff blur-level.

import ArgumentParser
import Engine
import Foundation

struct BlurLevelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blur-level", abstract: "Say how blurred pictures are, without deblurring them.")

    @Argument(help: ArgumentHelp("JPEG or PNG pictures.", valueName: "in"))
    var inputs: [String]

    @Flag(help: "Print one JSON object per picture and line.")
    var json = false

    @OptionGroup var modelChoice: ModelChoice

    func run() throws {
        let deblurrer = try modelChoice.load()
        try PictureLoop(paths: inputs).run { _, path, bar in
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let info = try ImageInspector.inspect(data)
            let start = ContinuousClock.now
            let level = try deblurrer.blurLevel(of: data)
            bar.clear()
            print(try PictureReport(
                input: path, output: nil, width: info.width, height: info.height, level: level,
                seconds: (ContinuousClock.now - start) / .seconds(1)
            ).line(json: json))
        }
    }
}
