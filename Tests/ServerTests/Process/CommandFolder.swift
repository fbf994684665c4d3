import Foundation

/// A folder in which commands are run as processes, gone with the value. With photographs: `in/a.png`, `in/B.JPG`, `in/deep/c.png`, and what is
/// none.
final class CommandFolder {
    let url: URL
    let model = GatedEngine.fixtures.appendingPathComponent("tiny").path

    init(withPhotographs: Bool = true) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("fidediff-process-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        guard withPhotographs else { return }
        for (name, picture) in [
            ("in/a.png", try ServicePictures.picture()), ("in/B.JPG", try ServicePictures.picture(format: .jpeg)),
            ("in/deep/c.png", try ServicePictures.picture(64, 48)), ("in/notes.txt", Data("no picture".utf8)),
            ("in/.hidden.png", Data()), ("empty/notes.txt", Data()), ("bad.jpg", Data("no picture".utf8)),
        ] {
            let file = url.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try picture.write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func data(_ name: String) throws -> Data { try Data(contentsOf: url.appendingPathComponent(name)) }

    func run(_ arguments: String..., environment: [String: String] = [:]) throws -> (code: Int32, output: String, errors: String) {
        try run(arguments, environment)
    }

    func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (code: Int32, output: String, errors: String) {
        try Executable(arguments, folder: url, environment: environment).result()
    }

    /// Below a folder, without the process's own output.
    func files(_ below: String) -> Set<String> {
        let found = FileManager.default.enumerator(atPath: path(below))?.compactMap { $0 as? String } ?? []
        return Set(found.filter { $0.contains(".") })
    }

    /// Of output in JSON, one object a line.
    func lines(_ output: String) throws -> [JSONValue] {
        try output.split(separator: "\n").map { try JSONValue(json: Data($0.utf8)) }
    }
}
