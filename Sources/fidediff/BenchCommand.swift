import ArgumentParser
import Engine
import Foundation

/// `fidediff bench`: one part of a network timed; bench/peers runs it beside other runtimes.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Time one part of a network.",
        discussion: """
            Runs once to warm up, then a round for each line that it reads, or as many as --rounds says. Each round prints a line of JSON: its seconds, \
            billions of multiplications with addition a second, and the process's peak of resident memory.
            """)

    @Option(help: ArgumentHelp("Folder with config.json.", valueName: "dir"), completion: .directory)
    var model: String

    @Option(help: "What to run: \(PartRun.Part.allCases.map(\.rawValue).joined(separator: ", ")).")
    var part: PartRun.Part

    @Option(help: ArgumentHelp("The part's inputs, a safetensors file.", valueName: "file"), completion: .file(extensions: ["safetensors"]))
    var inputs: String

    @Option(help: ArgumentHelp("Write what comes out here, as float32 numbers.", valueName: "file"), completion: .file())
    var output: String?

    @Option(help: "Rounds; without it, one for each line of the standard input.")
    var rounds: Int?

    @Option(help: "Processor cores to use. Default: all.")
    var threads: Int?

    @Flag(inversion: .prefixedNo, help: "Hold large files of weights in memory; otherwise each layer reads its own from disk.")
    var holdWeights = true

    func run() throws {
        let run = try PartRun(
            part, model: URL(fileURLWithPath: model, isDirectory: true), inputs: URL(fileURLWithPath: inputs), threads: threads,
            holdWeights: holdWeights)
        let values = try run()
        if let output { try [Float](values.joined()).withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: output)) } }
        try say("ready")
        var left = rounds
        while left.map({ $0 > 0 }) ?? (readLine() != nil) {
            left = left.map { $0 - 1 }
            let start = ContinuousClock.now
            _ = try run()
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            try say(
                String(
                    format: #"{"seconds": %.4f, "gmac_per_second": %.1f, "peak_mib": %.0f}"#, seconds,
                    Double(run.multiplyAdds) / 1e9 / seconds, peakMiB))
        }
    }

    /// At once: somebody waits for the line at the other end of a pipe.
    private func say(_ line: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    private var peakMiB: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

extension PartRun.Part: ExpressibleByArgument {}
