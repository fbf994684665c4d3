import ArgumentParser
import Commands
import Engine
import Foundation
import Server
import Storage

/// `fidediff check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify the database, the pictures and the weights.",
        discussion: """
            Reads every picture. May run beside the service; --repair may not. It repairs what loses nothing: jobs that a crash left running wait \
            again, damaged indices are written anew, leftovers of crashes are removed, pictures that are damaged or that no job has are moved to quarantine/, jobs \
            whose input is gone fail. The exit code is 1 when something is wrong and was not repaired.
            """)

    @Flag(help: "Repair what can be repaired safely. The service must be stopped.")
    var repair = false

    @Flag(help: "Leave the weights out.")
    var skipModel = false

    @Flag(help: "Print one JSON object per finding and line.")
    var json = false

    @OptionGroup var dataChoice: DataChoice
    @OptionGroup var modelChoice: ModelChoice

    func run() throws {
        let directory = try dataChoice.directory()
        var findings: [DataFinding] = []
        do {
            let folder = try DataFolder(directory, keepsOut: repair)
            guard !repair || !folder.isServed else {
                throw ValidationError("a service works in \(directory.path); stop it, or leave --repair out")
            }
            findings = try DataCheck(folder, repairs: repair).run()
        } catch StorageError.corruptDatabase(let reason) {
            findings = [DataFinding(.damagedDatabase, JobStore.fileName, reason + "; restore a backup")]
        }
        if !skipModel { findings += try checkModel() }

        for finding in findings { print(try FindingText.line(finding, json: json)) }
        let open = findings.count { $0.repair == nil }
        if !json { print(findings.isEmpty ? "everything is in order" : "\(findings.count) findings, \(findings.count - open) repaired") }
        if open > 0 { throw ExitCode.failure }
    }

    /// Loads the weights as the service would, which reads every byte of them.
    private func checkModel() throws -> [DataFinding] {
        let folder = try modelChoice.directory()
        do {
            _ = try modelChoice.load(folder, threads: modelChoice.threads)
            return []
        } catch let error as ModelChoice.Unusable {
            return [DataFinding(.model, folder.path, "\(error.reason)")]
        }
    }
}
