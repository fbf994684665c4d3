import ArgumentParser
import Engine
import Foundation

/// Where each output goes, settled before the first picture is read, so that nothing is overwritten by mistake.
package struct OutputPlan: Sendable {
    /// A picture that is written beside an output.
    package enum Companion: String, CaseIterable, Sendable {
        /// Before and after side by side.
        case comparison = "-compare"
        /// The motion, drawn over the photograph; always a PNG.
        case kernels = "-kernels"
    }

    /// A file, or a name in a folder that gets its extension when the format is known.
    package struct Destination: Sendable {
        package let folder: URL
        package let stem: String
        /// The extension of the written file; nil = that of its format.
        package let `extension`: String?
        package let format: ImageFormat?

        package func url(for format: ImageFormat) -> URL {
            folder.appendingPathComponent(stem + "." + (`extension` ?? format.fileExtension))
        }

        package func url(of companion: Companion, for format: ImageFormat) -> URL {
            let `extension` = companion == .kernels ? ImageFormat.png.fileExtension : `extension` ?? format.fileExtension
            return folder.appendingPathComponent(stem + companion.rawValue + "." + `extension`)
        }

        /// Whole or not at all; makes the folder, which may lie below the one that was given.
        package func write(_ data: Data, to url: URL) throws {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try data.write(to: url, options: .atomic)
        }
    }
    /// A second input would be written over the first one's output, or an output over an input.
    package struct Clash: Error, CustomStringConvertible {
        package let description: String
    }

    private let destinations: [Result<Destination, Clash>]

    /// - Parameters:
    ///   - output: a file or a folder; nil = beside each input.
    ///   - suffix: added to each name.
    ///   - companions: written for each.
    /// - Throws: `ValidationError` for an extension that contradicts --format
    package init(inputs: PictureInputs, output: String?, suffix: String, format: ImageFormat?, companions: [Companion]) throws {
        let items = inputs.items.map { try? $0.get() }
        let isFolder = output.map { inputs.hasSeveral || inputs.count > 1 || $0.hasSuffix("/") || Self.isFolder($0) } ?? true
        var taken = Set(items.compactMap { $0.map { Self.canonical(URL(fileURLWithPath: $0.path)) } })
        destinations = try items.map { item in
            // The loop says itself why there is no picture here.
            guard let item else { return .failure(Clash(description: "no picture")) }
            let input = URL(fileURLWithPath: item.path)
            let target = output.map { URL(fileURLWithPath: $0).appendingPathComponent(item.subfolder) } ?? input.deletingLastPathComponent()
            let destination =
                isFolder
                ? Self.inFolder(target, input: input, suffix, format)
                : try Self.file(URL(fileURLWithPath: output ?? ""), suffix, format)
            let kind = destination.format ?? .jpeg
            for url in [destination.url(for: kind)] + companions.map({ destination.url(of: $0, for: kind) }) {
                guard taken.insert(Self.canonical(url)).inserted else {
                    return .failure(
                        Clash(
                            description: "\(url.path) is an input or another picture's output; choose another OUT or a --suffix"))
                }
            }
            return .success(destination)
        }
    }

    /// - Throws: `Clash`
    package func destination(_ index: Int) throws -> Destination {
        try destinations[index].get()
    }

    /// The input's name; its extension too, unless another format was asked for.
    private static func inFolder(_ folder: URL, input: URL, _ suffix: String, _ format: ImageFormat?) -> Destination {
        let kept = input.pathExtension
        let keeps = !kept.isEmpty && (format == nil || ImageFormat(argument: kept) == format)
        return Destination(
            folder: folder, stem: input.deletingPathExtension().lastPathComponent + suffix, extension: keeps ? kept : nil, format: format)
    }

    private static func file(_ url: URL, _ suffix: String, _ format: ImageFormat?) throws -> Destination {
        let named = ImageFormat(argument: url.pathExtension)
        if let format, let named, format != named {
            throw ValidationError("--format is \(format.rawValue), but OUT ends in .\(url.pathExtension); change one of them")
        }
        let `extension` = url.pathExtension
        return Destination(
            folder: url.deletingLastPathComponent(),
            stem: (`extension`.isEmpty ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent) + suffix,
            extension: `extension`.isEmpty ? nil : `extension`, format: format ?? named)
    }

    private static func canonical(_ url: URL) -> String {
        url.resolvingSymlinksInPath().standardizedFileURL.path
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
