// ServeCommand.swift: fidediff serve.

import ArgumentParser
import Dispatch
import Engine
import Foundation
import Logging
import Server

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP interface that openapi.yaml describes.",
        discussion: "The first line on standard output says the address. The log goes to standard error. SIGTERM and SIGINT stop in order; accepted jobs survive any end.")

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port; 0 takes a free one.")
    var port: UInt16 = 8080

    @Option(help: ArgumentHelp("Folder for the database and the pictures.", valueName: "dir"))
    var data = "fidediff-data"

    @Option(help: ArgumentHelp("Jobs that run at once.", valueName: "n"))
    var workers = 1

    @Option(help: ArgumentHelp("The most jobs that wait.", valueName: "n"))
    var maxQueued = 100

    @Option(help: ArgumentHelp("Largest request body, in bytes.", valueName: "n"))
    var maxBodyBytes = 64 << 20

    @Option(help: ArgumentHelp("The most connections at once.", valueName: "n"))
    var maxConnections = 1_024

    @Option(help: ArgumentHelp("Seconds for a request's header to arrive.", valueName: "s"))
    var headerTimeoutSeconds = 10.0

    @Option(help: ArgumentHelp("Seconds without progress in a body.", valueName: "s"))
    var bodyTimeoutSeconds = 60.0

    @Option(help: ArgumentHelp("Seconds that an idle connection stays open.", valueName: "s"))
    var idleTimeoutSeconds = 60.0

    @Option(help: ArgumentHelp("Seconds that running jobs get when the service stops.", valueName: "s"))
    var drainSeconds = 10.0

    @Option(help: ArgumentHelp("The longest that a request waits for its job; it is then answered with the job.", valueName: "s"))
    var maxWaitSeconds = 600.0

    @Flag(help: "Compute a picture anew even when it was sent before with the same options.")
    var noReuse = false

    @Option(help: "Least severe level that is logged.")
    var logLevel = Logger.Level.info

    @OptionGroup var modelChoice: ModelChoice

    func validate() throws {
        for (name, value) in [("--workers", workers), ("--max-queued", maxQueued), ("--max-body-bytes", maxBodyBytes),
            ("--max-connections", maxConnections)] where value < 1 {
            throw ValidationError("\(name) is \(value); use 1 or more")
        }
        for (name, value) in [("--header-timeout-seconds", headerTimeoutSeconds), ("--body-timeout-seconds", bodyTimeoutSeconds),
            ("--idle-timeout-seconds", idleTimeoutSeconds), ("--max-wait-seconds", maxWaitSeconds)] where !(value > 0) {
            throw ValidationError("\(name) is \(value); use more than 0")
        }
        guard drainSeconds >= 0 else { throw ValidationError("--drain-seconds is \(drainSeconds); use 0 or more") }
    }

    func run() throws {
        // A closed pipe on standard output is no reason to end.
        Foundation.signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "fidediff")
        logger.logLevel = logLevel

        let deblurrer = try modelChoice.load()
        let service = try Service(configuration: serviceConfiguration, deblurrer: deblurrer, logger: logger)
        let stop = StopSignal()
        let port = try service.start()
        // An IPv6 address stands in brackets in a URL (RFC 3986 section 3.2.2).
        let name = host.contains(":") ? "[\(host)]" : host
        print("fidediff listens on http://\(name):\(port)")
        fflush(nil)
        logger.info("serving", metadata: [
            "model": "\(deblurrer.modelName)", "model_hash": "\(deblurrer.modelHash)", "workers": "\(workers)",
        ])

        let signal = stop.wait()
        logger.info("stopping", metadata: ["signal": "\(signal)"])
        service.stop()
    }

    private var serviceConfiguration: Configuration {
        var configuration = Configuration(dataDirectory: URL(fileURLWithPath: data, isDirectory: true))
        configuration.host = host
        configuration.port = port
        configuration.workers = workers
        configuration.maxQueued = maxQueued
        configuration.maxBodyBytes = maxBodyBytes
        configuration.maxPixels = modelChoice.maxPixels
        configuration.drainSeconds = drainSeconds
        configuration.maxWaitSeconds = maxWaitSeconds
        configuration.reusesResults = !noReuse
        configuration.http.maxConnections = maxConnections
        configuration.http.headerTimeoutSeconds = headerTimeoutSeconds
        configuration.http.bodyTimeoutSeconds = bodyTimeoutSeconds
        configuration.http.idleTimeoutSeconds = idleTimeoutSeconds
        return configuration
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
