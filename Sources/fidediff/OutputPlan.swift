// OutputPlan.swift: where each output goes, settled before the first picture is read, so that nothing is overwritten by mistake.

import ArgumentParser
import Engine
import Foundation

struct OutputPlan {
    /// A file, or a name in a folder that gets its extension when the format is known.
    struct Destination {
        let folder: URL
        let stem: String
        /// nil = keep the input's.
        let `extension`: String?
        let format: ImageFormat?

        func url(for format: ImageFormat) -> URL {
            folder.appendingPathComponent(stem + "." + (`extension` ?? format.fileExtension))
        }
    }
    /// A second input would be written over the first one's output, or an output over an input.
    struct Clash: Error, CustomStringConvertible {
        let description: String
    }

    private let destinations: [Result<Destination, Clash>]

    /// Makes the folder when OUT is one.
    /// - Throws: `ValidationError` for an extension that contradicts --format
    init(inputs: [String], output: String, format: ImageFormat?) throws {
        let target = URL(fileURLWithPath: output)
        let isFolder = inputs.count > 1 || output.hasSuffix("/") || Self.isFolder(target)
        if isFolder {
            try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        }
        var taken = Set(inputs.map { Self.canonical(URL(fileURLWithPath: $0)) })
        destinations = try inputs.map { input in
            let destination = isFolder
                ? Self.inFolder(target, input: URL(fileURLWithPath: input), format)
                : try Self.file(target, format)
            let url = destination.url(for: destination.format ?? .jpeg)
            guard taken.insert(Self.canonical(url)).inserted else {
                return .failure(Clash(description: "\(url.path) is an input or another picture's output; choose another OUT"))
            }
            return .success(destination)
        }
    }

    /// - Throws: `Clash`
    func destination(_ index: Int) throws -> Destination {
        try destinations[index].get()
    }

    /// The input's name; its extension too, unless another format was asked for.
    private static func inFolder(_ folder: URL, input: URL, _ format: ImageFormat?) -> Destination {
        let kept = input.pathExtension
        let keeps = !kept.isEmpty && (format == nil || ImageFormat(argument: kept) == format)
        return Destination(
            folder: folder, stem: input.deletingPathExtension().lastPathComponent, extension: keeps ? kept : nil, format: format)
    }

    private static func file(_ url: URL, _ format: ImageFormat?) throws -> Destination {
        let named = ImageFormat(argument: url.pathExtension)
        if let format, let named, format != named {
            throw ValidationError("--format is \(format.rawValue), but OUT ends in .\(url.pathExtension); change one of them")
        }
        let suffix = url.pathExtension
        return Destination(
            folder: url.deletingLastPathComponent(),
            stem: suffix.isEmpty ? url.lastPathComponent : url.deletingPathExtension().lastPathComponent,
            extension: suffix.isEmpty ? nil : suffix, format: format ?? named)
    }

    private static func canonical(_ url: URL) -> String {
        url.resolvingSymlinksInPath().standardizedFileURL.path
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
