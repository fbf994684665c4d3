import ArgumentParser
import Engine
import Foundation

/// Which weights to use: --model, else FIDEDIFF_MODEL, else weights/default near by.
package struct ModelChoice: ParsableArguments {
    package static let variable = "FIDEDIFF_MODEL"
    package static let shipped = "weights/default"
    package static let viewsHelp =
        "Restore a picture in 1, 2, 4 or 8 orientations and average: more is better, and takes that many times as long."

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Model folder: config.json and its safetensors files.",
            discussion: """
                Default: \(variable), else \(shipped) in the current folder, or in a folder above the executable or its share/fidediff.
                """,
            valueName: "dir"), completion: .directory)
    package var model: String?

    @Option(name: .long, help: ArgumentHelp(viewsHelp, discussion: "Default: as the model has it.", valueName: "n"))
    package var views: Int?

    @Option(name: .long, help: ArgumentHelp("Threads that one picture may use. Default: one a core.", valueName: "n"))
    package var threads: Int?

    @Option(name: .long, help: ArgumentHelp("Largest picture, in pixels. Default: 50 million.", valueName: "n"))
    package var maxPixels: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Memory that the program may take. Default: what the machine or its control group has.", valueName: "n"))
    package var memoryMib: Int?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Hold the weights of UNet and ControlNet in memory where their files are large, or have each layer read its own from disk.",
            discussion: "Default: they are held where they take at most half of the memory."))
    package var holdWeights: Bool?

    package init() {}

    package var memoryLimit: Int? { memoryMib.map { $0 << 20 } }

    package var pixelLimit: Int { maxPixels ?? ImageInfo.defaultMaxPixels }

    package func validate() throws {
        if let views, let reason = Self.refusal(ofViews: views) { throw ValidationError("--views is \(views); \(reason)") }
        if let threads, threads < 1 { throw ValidationError("--threads is \(threads); use 1 or more") }
        if let memoryMib, memoryMib < 1 || memoryMib > 1 << 30 {
            throw ValidationError("--memory-mib is \(memoryMib); use 1 to \(1 << 30)")
        }
        guard pixelLimit >= 256 else { throw ValidationError("--max-pixels is \(pixelLimit); use 256 or more") }
    }

    /// What to do instead; nil for a number that is possible.
    package static func refusal(ofViews views: Int) -> String? {
        Deblurrer.viewCounts.contains(views)
            ? nil : "use \(Deblurrer.viewCounts.dropLast().map(String.init).joined(separator: ", ")) or \(Deblurrer.viewCounts.last ?? 1)"
    }

    /// A folder whose model cannot be loaded. The engine names the file within it.
    package struct Unusable: Error, CustomStringConvertible {
        package let folder: URL
        package let reason: ModelError
        package var description: String { "the model in \(folder.path) cannot be loaded:\n\(reason)" }
    }

    /// - Parameter jobs: pictures at a time; they share the memory and, without --threads, the cores.
    /// - Throws: `Unusable`, `ValidationError`
    package func load(jobs: Int = 1) throws -> Deblurrer {
        let shared = jobs > 1 ? max(1, ProcessInfo.processInfo.activeProcessorCount / jobs) : nil
        return try load(directory(), threads: threads ?? shared, pictures: jobs)
    }

    /// - Throws: `Unusable`
    package func load(_ folder: URL, threads: Int?, pictures: Int = 1) throws -> Deblurrer {
        do {
            return try Deblurrer(
                modelDirectory: folder, views: views, threads: threads, maxPixels: pixelLimit, memory: memoryLimit,
                holdWeights: holdWeights, pictures: pictures)
        } catch let error as ModelError {
            throw Unusable(folder: folder, reason: error)
        }
    }

    /// - Throws: `ValidationError` that lists where it looked
    package func directory() throws -> URL {
        if let model { return URL(fileURLWithPath: model, isDirectory: true) }
        if let model = ProcessInfo.processInfo.environment[Self.variable], !model.isEmpty {
            return URL(fileURLWithPath: model, isDirectory: true)
        }
        let places = Self.places()
        guard let found = places.first(where: Self.isModel) else {
            throw ValidationError(
                "no model folder: looked for config.json in \(places.map(\.path).joined(separator: ", ")); use --model DIR or set \(Self.variable)"
            )
        }
        return found
    }

    /// The current folder, then each folder above the executable, as .build/release/fidediff lies in the repository, and its
    /// share/fidediff, as /usr/bin/fidediff lies beside /usr/share/fidediff.
    private static func places() -> [URL] {
        var places = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath, isDirectory: true)]
        if let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() {
            var folder = executable.deletingLastPathComponent()
            while folder.path != "/" {
                places += [folder, folder.appendingPathComponent("share/fidediff", isDirectory: true)]
                folder.deleteLastPathComponent()
            }
        }
        return places.map { $0.appendingPathComponent(shipped, isDirectory: true) }
    }

    private static func isModel(_ folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: folder.appendingPathComponent("config.json").path)
    }
}
