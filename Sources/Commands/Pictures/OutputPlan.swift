import ArgumentParser
import Engine
import Foundation
import Glibc
import Storage

/// Where each output goes, settled before the first picture is computed: format and name too, as the inputs' first bytes tell them.
package struct OutputPlan: Sendable {
    /// A picture that is written beside an output.
    package enum Companion: String, CaseIterable, Sendable {
        /// Before and after side by side.
        case comparison = "-compare"
        /// The motion, drawn over the photograph; always a PNG.
        case kernels = "-kernels"
    }

    /// The files of one picture.
    package struct Destination: Sendable {
        /// What the output is written as.
        package let format: ImageFormat
        fileprivate let folder: String
        fileprivate let stem: String
        fileprivate let `extension`: String

        package var path: String { FilePath.join(folder, stem + "." + `extension`) }

        package func path(of companion: Companion) -> String {
            let `extension` = companion == .kernels ? ImageFormat.png.fileExtension : `extension`
            return FilePath.join(folder, stem + companion.rawValue + "." + `extension`)
        }
    }

    private let destinations: [Result<Destination, any Error>]
    private let outputs: OutputGuard

    /// - Parameters:
    ///   - output: a file or a folder; nil = beside each input.
    ///   - suffix: added to each name.
    ///   - companions: written for each.
    /// - Throws: `ValidationError` for an extension that contradicts --format or is of no format that is written, and for an OUT that is a
    ///   file and has to be a folder, or that cannot be written to
    package init(inputs: PictureInputs, output: String?, suffix: String, format: ImageFormat?, companions: [Companion]) throws {
        let isFolder =
            output.map { inputs.hasSeveral || inputs.count > 1 || $0.utf8.last == UInt8(ascii: "/") || FilePath.isFolder($0) } ?? true
        if let output { try Self.check(output, isFolder: isFolder, format) }
        let paths = inputs.items.compactMap { try? $0.get().path }
        let identities = Set(paths.compactMap(FileIdentity.init))
        var taken = Set(paths.map(FilePath.canonical))
        destinations = inputs.items.map { item in
            Result {
                let item = try item.get()
                // The real format also of a name without an extension: the output's name depends on it.
                let kind = try PictureFile.format(of: item.path)
                let destination =
                    if let output, !isFolder { Self.file(output, suffix, format ?? kind) } else {
                        Self.inFolder(Self.folder(of: item, output), FilePath(item.path), suffix, format ?? kind)
                    }
                if output == nil { try Self.checkWritable(destination.folder) }
                for path in [destination.path] + companions.map { destination.path(of: $0) } {
                    let isInput = FileIdentity(path).map(identities.contains) ?? false
                    guard taken.insert(FilePath.canonical(path)).inserted, !isInput else { throw Clash(at: path) }
                }
                return destination
            }
        }
        outputs = OutputGuard(inputs: identities)
    }

    /// - Throws: `Clash`, or why the input is no picture
    package func destination(_ index: Int) throws -> Destination {
        try destinations[index].get()
    }

    /// Whole or not at all, and never over an input or another output of this plan; makes the folder. From any thread.
    /// - Throws: `Clash`, `Unwritable`
    package func write(_ data: Data, to path: String) throws {
        try outputs.write(data, to: path)
    }

    private static func folder(of item: PictureInputs.Item, _ output: String?) -> String {
        let folder = output.map { FilePath.join(URL(fileURLWithPath: $0).path, item.subfolder) } ?? FilePath(item.path).folder
        return URL(fileURLWithPath: folder).path
    }

    /// The input's name. Its extension stays where it fits the format; one of the other format is replaced, any other is part of the name.
    private static func inFolder(_ folder: String, _ input: FilePath, _ suffix: String, _ format: ImageFormat) -> Destination {
        let named = ImageFormat(fileExtension: input.extension)
        return Destination(
            format: format, folder: folder, stem: (named == nil ? input.name : input.stem) + suffix,
            extension: named == format ? input.extension : format.fileExtension)
    }

    private static func file(_ output: String, _ suffix: String, _ format: ImageFormat) -> Destination {
        let path = FilePath(URL(fileURLWithPath: output).path), named = ImageFormat(fileExtension: path.extension)
        return Destination(
            format: named ?? format, folder: path.folder, stem: path.stem + suffix,
            extension: named == nil ? format.fileExtension : path.extension)
    }

    private static func check(_ output: String, isFolder: Bool, _ format: ImageFormat?) throws {
        guard output != "-" else { throw ValidationError("OUT is -, but nothing is written to standard output; name a file or a folder") }
        guard isFolder else {
            let `extension` = FilePath(output).extension, named = ImageFormat(fileExtension: `extension`)
            if let format, let named, format != named {
                throw ValidationError("--format is \(format.rawValue), but OUT ends in .\(`extension`); change one of them")
            }
            guard `extension`.isEmpty || named != nil else {
                throw ValidationError(
                    "OUT ends in .\(`extension`), but only JPEG and PNG are written; end it in .jpg or .png, or in / if it is a folder")
            }
            return try checkWritable(FilePath(URL(fileURLWithPath: output).path).folder)
        }
        if FilePath.isFile(output) {
            throw ValidationError("OUT is the file \(output), but several pictures need a folder; name a folder")
        }
        try checkWritable(URL(fileURLWithPath: output).path)
    }

    /// As far as the folder is there; it is made when its first output is written.
    private static func checkWritable(_ folder: String) throws {
        let existing = FilePath.existing(folder)
        guard FilePath.isFolder(existing) else { throw ValidationError("OUT cannot be written to: \(existing) is no folder") }
        if access(existing, W_OK | X_OK) != 0 {
            throw ValidationError("OUT cannot be written to: \(existing): \(String(cString: strerror(errno)))")
        }
    }
}
