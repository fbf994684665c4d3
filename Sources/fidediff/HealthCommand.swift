import ArgumentParser
import Commands
import Foundation

/// `fidediff health`: what a container's health check calls, so that its image needs no other HTTP client.
struct HealthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a running service whether it is well.",
        discussion: "The exit code is 0 when it answers 200 in time, else 1.")

    @Option(help: ArgumentHelp("What to ask: /healthz, is it alive; /readyz, can it take pictures.", valueName: "url"))
    var url = "http://127.0.0.1:8080/healthz"

    @Option(help: ArgumentHelp("Seconds that each step may take.", valueName: "s"))
    var timeoutSeconds = 5.0

    func validate() throws {
        guard timeoutSeconds > 0, timeoutSeconds <= 600 else {
            throw ValidationError("--timeout-seconds is \(timeoutSeconds); use more than 0 and at most 600")
        }
        _ = try probe()
    }

    func run() throws {
        do {
            let status = try probe().status(timeoutSeconds: timeoutSeconds)
            print("\(url) answers \(status)")
            if status != 200 { throw ExitCode.failure }
        } catch let error as HealthProbe.Failure {
            FileHandle.standardError.write(Data("\(url): \(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    private func probe() throws -> HealthProbe {
        guard let probe = HealthProbe(url: url) else { throw ValidationError("--url is '\(url)'; use http://HOST:PORT/PATH") }
        return probe
    }
}
