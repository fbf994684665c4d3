import ArgumentParser
import Foundation

/// Fidediff health: what a container's health check calls, so that its image needs no other HTTP client.
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
        _ = try target()
    }

    func run() throws {
        do {
            let status = try HealthProbe(host: target().host, port: target().port, path: target().path).status(
                timeoutSeconds: timeoutSeconds)
            print("\(url) answers \(status)")
            if status != 200 { throw ExitCode.failure }
        } catch let error as HealthProbe.Failure {
            FileHandle.standardError.write(Data("\(url): \(error)\n".utf8))
            throw ExitCode.failure
        }
    }

    private func target() throws -> (host: String, port: String, path: String) {
        guard let parts = URLComponents(string: url), parts.scheme == "http", let host = parts.host, !host.isEmpty else {
            throw ValidationError("--url is '\(url)'; use http://HOST:PORT/PATH")
        }
        // URLComponents keeps the brackets of an IPv6 address (RFC 3986 section 3.2.2); the resolver wants none.
        let name = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (name, String(parts.port ?? 80), parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath)
    }
}
