import ArgumentParser
import Foundation

/// Which data folder a command beside the service means: as `fidediff serve` finds it.
package struct DataChoice: ParsableArguments {
    package static let standard = "fidediff-data"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The service's data folder. Default: FIDEDIFF_DATA, else `data` of the configuration, else \(standard).", valueName: "dir"),
        completion: .directory)
    package var data: String?

    @Option(
        name: .long, help: ArgumentHelp("The service's configuration. Default: FIDEDIFF_CONFIG.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    package var config: String?

    package init() {}

    package func directory(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> URL {
        var layers = try SettingLayers(config: config, environment: environment)
        return URL(fileURLWithPath: try layers.value("data", data, default: Self.standard), isDirectory: true)
    }
}
