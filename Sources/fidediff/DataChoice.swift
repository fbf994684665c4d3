import ArgumentParser
import Foundation

/// Which data folder a command beside the service means: as `fidediff serve` finds it.
struct DataChoice: ParsableArguments {
    static let standard = "fidediff-data"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The service's data folder. Default: FIDEDIFF_DATA, else `data` of the configuration, else \(standard).", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Option(
        name: .long, help: ArgumentHelp("The service's configuration. Default: FIDEDIFF_CONFIG.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    func directory() throws -> URL {
        var layers = try SettingLayers(config: config)
        return URL(fileURLWithPath: try layers.value("data", data, default: Self.standard), isDirectory: true)
    }
}
