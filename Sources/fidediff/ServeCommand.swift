import ArgumentParser
import Commands
import Dispatch
import Engine
import Foundation
import Logging
import Server

/// `fidediff serve`.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP interface that openapi.yaml describes.",
        discussion: """
            The first line on standard output says the address; /readyz says when the weights are loaded. The log goes to standard error. \
            SIGTERM, SIGINT and SIGHUP stop in order; accepted jobs survive any end.

            Every option may also be set in the environment (--max-queued as FIDEDIFF_MAX_QUEUED) or in a JSON file ("max_queued"); flags go \
            before the environment, that before the file. --print-config shows what came out.
            """)

    @OptionGroup var options: ServeOptions

    func validate() throws {
        _ = try ServeSettings(options)
    }

    func run() throws {
        let settings = try ServeSettings(options)
        if options.printConfig { return print(settings.layers.table) }

        let folder = try settings.model.directory()
        // Before there is a thread of the service, the log's too: what is given up holds for those that come.
        let confinement = try confine(settings.service.dataDirectory)
        // A closed pipe on standard output is no reason to end.
        Foundation.signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { settings.logFormat.handler(label: $0) }
        var logger = Logger(label: "fidediff")
        logger.logLevel = settings.logLevel
        for name in settings.layers.unknownVariables { logger.warning("unknown environment variable", metadata: ["name": "\(name)"]) }

        switch confinement {
        case .confined: logger.info("confined: writes to the data folder alone, runs no program")
        case .unavailable: logger.info("not confined: this kernel has no Landlock")
        }

        var configuration = settings.service
        configuration.http.maxConnections = try connections(wanted: configuration.http.maxConnections, logger)
        let service = try Service(configuration: configuration, deblurrer: nil, logger: logger)
        let stop = StopSignal()
        let port = try service.start { stop.fail($0) }
        // An IPv6 address stands in brackets in a URL (RFC 3986 section 3.2.2).
        let host = settings.service.host
        print("fidediff listens on http://\(host.contains(":") ? "[\(host)]" : host):\(port)")
        fflush(nil)

        let (model, workers) = (settings.model, settings.service.workers)
        DispatchQueue.global().async { [logger] in
            do {
                let deblurrer = try model.load(folder, threads: model.threads, pictures: workers)
                service.begin(with: deblurrer)
                logger.info(
                    "ready",
                    metadata: [
                        "model": "\(deblurrer.modelName)", "model_hash": "\(deblurrer.modelHash)", "workers": "\(workers)",
                    ])
            } catch {
                stop.fail(error)
            }
        }

        let reason = stop.wait()
        if case .signal(let name) = reason { logger.info("stopping", metadata: ["signal": "\(name)"]) }
        service.stop()
        logger.info("stopped")
        LogWriter.standardError.flush(seconds: 1)
        if case .failure(let error) = reason { throw error }
    }

    private func confine(_ data: URL) throws -> Landlock.Outcome {
        try DataFolder.create(data)
        return try Landlock.confineWrites(to: Landlock.folders(of: data))
    }

    /// As many as are asked for, or as the system's limit on open files allows.
    private func connections(wanted: Int, _ logger: Logger) throws -> Int {
        let descriptors = DescriptorLimit.raise(), allowed = try descriptors.connections(wanted: wanted)
        logger.info(
            "open files",
            metadata: [
                "limit": "\(descriptors.limit)", "soft_limit_found": "\(descriptors.found)", "kept_for_work": "\(DescriptorLimit.reserve)",
                "max_connections": "\(allowed)",
            ])
        if allowed < wanted {
            logger.warning(
                "fewer connections than asked for: the limit on open files is too low",
                metadata: ["asked_for": "\(wanted)", "max_connections": "\(allowed)", "limit": "\(descriptors.limit)"])
        }
        return allowed
    }
}
