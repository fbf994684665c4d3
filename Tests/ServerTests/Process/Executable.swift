import Foundation
import Testing

/// `fidediff` as a process of its own, from the build that the tests are part of.
final class Executable {
    struct NotListening: Error { let output: String }

    private let process = Process()
    private let output: FileHandle
    private let errorFile: URL

    /// - Parameters:
    ///   - folder: the working folder; holds the process's output.
    ///   - limitedBy: a program, and its arguments, that runs this one.
    init(_ arguments: [String], folder: URL, environment: [String: String] = [:], limitedBy: [String] = []) throws {
        errorFile = folder.appendingPathComponent("\(UUID().uuidString).err")
        // Standard output is read to its end, standard error goes to a file: neither blocks the process.
        let pipe = Pipe()
        output = pipe.fileHandleForReading
        try Data().write(to: errorFile)
        let command = limitedBy + [try Self.url().path] + arguments
        process.executableURL = URL(fileURLWithPath: limitedBy.isEmpty ? command[0] : "/usr/bin/env")
        process.arguments = limitedBy.isEmpty ? arguments : command
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = try FileHandle(forWritingTo: errorFile)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(SIGKILL) }
    }

    /// Beside the tests' own binary.
    private static func url() throws -> URL {
        let tests = Bundle.allBundles.map(\.bundleURL) + [URL(fileURLWithPath: CommandLine.arguments[0])]
        let candidates = tests.flatMap { [$0.deletingLastPathComponent(), $0] }.map { $0.appendingPathComponent("fidediff") }
        return try #require(candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) && !$0.hasDirectoryPath })
    }

    /// Waits for the line that says the address.
    func port() throws -> UInt16 {
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.availableData
            guard !more.isEmpty else { break }
            line += more
        }
        let text = String(decoding: line, as: UTF8.self)
        guard let match = text.firstMatch(of: /^fidediff listens on http:\/\/127\.0\.0\.1:(\d+)\n/), let port = UInt16(match.1) else {
            throw NotListening(output: text + (try errors()))
        }
        return port
    }

    func kill(_ signal: Int32) {
        Foundation.kill(process.processIdentifier, signal)
    }

    /// Waits for the end. `code` is the signal's number where one ended it.
    func result() throws -> (code: Int32, output: String, errors: String) {
        let text = String(decoding: output.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text, try errors())
    }

    private func errors() throws -> String {
        String(decoding: try Data(contentsOf: errorFile), as: UTF8.self)
    }
}
