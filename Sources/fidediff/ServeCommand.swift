import ArgumentParser
import Dispatch
import Engine
import Foundation
import Logging
import Server

/// Fidediff serve.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the HTTP interface that openapi.yaml describes.",
        discussion: """
            The first line on standard output says the address; /readyz says when the weights are loaded. The log goes to standard error. \
            SIGTERM and SIGINT stop in order; accepted jobs survive any end.

            Every option may also be set in the environment (--max-queued as FIDEDIFF_MAX_QUEUED) or in a JSON file ("max_queued"); flags go \
            before the environment, that before the file. --print-config shows what came out.
            """)

    @Option(
        help: ArgumentHelp("JSON file with settings. Default: FIDEDIFF_CONFIG.", valueName: "file"), completion: .file(extensions: ["json"])
    )
    var config: String?

    @Flag(help: "Print every setting, its value and where it came from, and end.")
    var printConfig = false

    @Option(help: "Address to listen on. Default: 127.0.0.1.")
    var host: String?

    @Option(help: "Port; 0 takes a free one. Default: 8080.")
    var port: UInt16?

    @Option(
        help: ArgumentHelp("Folder for the database and the pictures. Default: \(DataChoice.standard).", valueName: "dir"),
        completion: .directory)
    var data: String?

    @Option(help: ArgumentHelp("Jobs that run at once. Default: 1.", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("The most jobs that wait. Default: 100.", valueName: "n"))
    var maxQueued: Int?

    @Option(help: ArgumentHelp("Largest request body, in bytes. Default: 64 MiB.", valueName: "n"))
    var maxBodyBytes: Int?

    @Option(help: ArgumentHelp("The most connections at once. Default: 1024.", valueName: "n"))
    var maxConnections: Int?

    @Option(
        help: ArgumentHelp(
            "The most connections of one address, IPv6 by /64; 0 = no limit. Default: 256.", valueName: "n"))
    var maxConnectionsPerAddress: Int?

    @Option(
        help: ArgumentHelp(
            "Addresses with as many connections as they like, as a proxy in front has: CIDR blocks, separated by commas. Default: loopback, private and link-local ones.",
            valueName: "blocks"))
    var trustedAddresses: BlockList?

    @Option(help: ArgumentHelp("Seconds for a request's header to arrive. Default: 10.", valueName: "s"))
    var headerTimeoutSeconds: Double?

    @Option(help: ArgumentHelp("Seconds without progress in a body. Default: 60.", valueName: "s"))
    var bodyTimeoutSeconds: Double?

    @Option(help: ArgumentHelp("Seconds for a whole body to arrive. Default: 1200.", valueName: "s"))
    var bodyTotalSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "The fewest bytes a second of a body or of the reading of an answer, over 20 s; 0 = any. Default: 1024.", valueName: "n"))
    var minBytesPerSecond: Int?

    @Option(help: ArgumentHelp("The most bytes of all bodies in memory. Default: 256 MiB.", valueName: "n"))
    var maxBodyMemoryBytes: Int?

    @Option(help: ArgumentHelp("The most bytes of all bodies in files. Default: 4 GiB.", valueName: "n"))
    var maxBodyDiskBytes: Int?

    @Option(help: ArgumentHelp("Bodies above this wait in a file without a name, in bytes. Default: 1 MiB.", valueName: "n"))
    var spoolAboveBytes: Int?

    @Option(help: ArgumentHelp("Seconds that an idle connection stays open. Default: 60.", valueName: "s"))
    var idleTimeoutSeconds: Double?

    @Option(
        help: ArgumentHelp("Seconds that running jobs get when the service stops; it ends at most 4 s later. Default: 10.", valueName: "s"))
    var drainSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "The longest that a request waits for its job, in seconds; it is then answered with the job. Default: 600.", valueName: "s"))
    var maxWaitSeconds: Double?

    @Flag(
        inversion: .prefixedNo, help: "Give out the result that is there when a picture is sent again with the same options. Default: yes.")
    var reuse: Bool?

    @Option(help: ArgumentHelp("Hours that a finished job and its pictures are kept. Default: for ever.", valueName: "h"))
    var retainHours: Double?

    @Option(help: ArgumentHelp("The most finished jobs that are kept, newest first. Default: all.", valueName: "n"))
    var retainJobs: Int?

    @Option(help: ArgumentHelp("The most bytes of pictures of finished jobs that are kept, newest first. Default: all.", valueName: "n"))
    var retainBytes: Int?

    @Flag(inversion: .prefixedNo, help: "Ask for API keys (`fidediff key`); each sees its own jobs only. Default: no.")
    var requireKeys: Bool?

    @Option(help: ArgumentHelp("Sites whose pages may call (CORS), separated by commas, or *. Default: none.", valueName: "origins"))
    var corsOrigins: String?

    @Option(
        help: ArgumentHelp(
            "Secret that signs webhooks of jobs without an API key, whsec_...; several, separated by spaces, all sign. Default: none, and no webhooks.",
            valueName: "secret"))
    var webhookSecret: String?

    @Flag(inversion: .prefixedNo, help: "Post webhooks to private, loopback and link-local addresses too. Default: no.")
    var webhookAllowPrivate: Bool?

    @Option(
        help: ArgumentHelp(
            "Pauses before each further attempt of a webhook. Default: 5 s to a day, ten attempts in three days.", valueName: "s,s,..."))
    var webhookRetrySeconds: SecondsList?

    @Option(
        help: ArgumentHelp("PEM file of the authorities for webhooks over https. Default: the system's.", valueName: "file"),
        completion: .file())
    var webhookAuthoritiesFile: String?

    @Option(help: "Least severe level that is logged. Default: info.")
    var logLevel: Logger.Level?

    @Option(help: "How the log looks. Default: text.")
    var logFormat: LogFormat?

    @OptionGroup var modelChoice: ModelChoice

    func validate() throws {
        _ = try ServeSettings(self)
    }

    func run() throws {
        let settings = try ServeSettings(self)
        if printConfig { return print(settings.layers.table) }

        // A closed pipe on standard output is no reason to end.
        Foundation.signal(SIGPIPE, SIG_IGN)
        LoggingSystem.bootstrap { settings.logFormat.handler(label: $0) }
        var logger = Logger(label: "fidediff")
        logger.logLevel = settings.logLevel
        for name in settings.layers.unknownVariables { logger.warning("unknown environment variable", metadata: ["name": "\(name)"]) }

        let folder = try settings.model.directory()
        let service = try Service(configuration: settings.service, deblurrer: nil, logger: logger)
        let stop = StopSignal()
        let port = try service.start()
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
}
