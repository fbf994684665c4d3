import ArgumentParser
import Engine
import Foundation
import Logging
import Server

/// The flags of `fidediff serve`, nil where one was not given; `ServeSettings` says what comes out of them and of the other layers.
package struct ServeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("JSON file with settings. Default: FIDEDIFF_CONFIG.", valueName: "file"), completion: .file(extensions: ["json"])
    )
    package var config: String?

    @Flag(help: "Print every setting, its value and where it came from, and end.")
    package var printConfig = false

    @Option(help: "Address to listen on. Default: 127.0.0.1.")
    package var host: String?

    @Option(help: "Port; 0 takes a free one. Default: 8080.")
    package var port: UInt16?

    @Option(
        help: ArgumentHelp("Folder for the database and the pictures. Default: \(DataChoice.standard).", valueName: "dir"),
        completion: .directory)
    package var data: String?

    @Option(help: ArgumentHelp("Jobs that run at once. Default: 1.", valueName: "n"))
    package var workers: Int?

    @Option(
        help: ArgumentHelp(
            "How often a job is tried whose attempts end with the process or hang; what disk or stop did is no attempt. Default: 3.",
            valueName: "n"))
    package var maxAttempts: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds that a megapixel may take in each view before its job fails; each job has 600 s at least. Default: 1000.",
            valueName: "s"))
    package var jobSecondsPerMegapixel: Double?

    @Option(
        help: ArgumentHelp(
            "Seconds without progress after which a job is taken from its worker, as one that hangs. Default: 600.", valueName: "s"))
    package var stallSeconds: Double?

    @Option(help: ArgumentHelp("The most jobs that wait. Default: 100.", valueName: "n"))
    package var maxQueued: Int?

    @Option(help: ArgumentHelp("Largest request body, in bytes. Default: 64 MiB.", valueName: "n"))
    package var maxBodyBytes: Int?

    @Option(help: ArgumentHelp("The most connections at once. Default: 1024.", valueName: "n"))
    package var maxConnections: Int?

    @Option(
        help: ArgumentHelp("The most connections of one address, IPv6 by /64; 0 = no limit. Default: 256.", valueName: "n"))
    package var maxConnectionsPerAddress: Int?

    @Option(
        help: ArgumentHelp(
            "Addresses with as many connections as they like, as a proxy in front has: CIDR blocks, separated by commas. Default: loopback, private and link-local ones.",
            valueName: "blocks"))
    package var trustedAddresses: BlockList?

    @Option(help: ArgumentHelp("Seconds for a request's header to arrive. Default: 10.", valueName: "s"))
    package var headerTimeoutSeconds: Double?

    @Option(help: ArgumentHelp("Seconds without progress in a body. Default: 60.", valueName: "s"))
    package var bodyTimeoutSeconds: Double?

    @Option(help: ArgumentHelp("Seconds for a whole body to arrive. Default: 1200.", valueName: "s"))
    package var bodyTotalSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "The fewest bytes a second of a body or of the reading of an answer, over 20 s; 0 = any. Default: 1024.", valueName: "n"))
    package var minBytesPerSecond: Int?

    @Option(help: ArgumentHelp("The most bytes of all bodies in memory. Default: 256 MiB.", valueName: "n"))
    package var maxBodyMemoryBytes: Int?

    @Option(help: ArgumentHelp("The most bytes of all bodies in files. Default: 4 GiB.", valueName: "n"))
    package var maxBodyDiskBytes: Int?

    @Option(help: ArgumentHelp("Bodies above this wait in a file without a name, in bytes. Default: 1 MiB.", valueName: "n"))
    package var spoolAboveBytes: Int?

    @Option(help: ArgumentHelp("Seconds that an idle connection stays open. Default: 60.", valueName: "s"))
    package var idleTimeoutSeconds: Double?

    @Option(
        help: ArgumentHelp("Seconds that running jobs get when the service stops; it ends at most 4 s later. Default: 10.", valueName: "s"))
    package var drainSeconds: Double?

    @Option(
        help: ArgumentHelp(
            "The longest that a request waits for its job, in seconds; it is then answered with the job. Default: 600.", valueName: "s"))
    package var maxWaitSeconds: Double?

    @Flag(
        inversion: .prefixedNo, help: "Give out the result that is there when a picture is sent again with the same options. Default: yes.")
    package var reuse: Bool?

    @Option(help: ArgumentHelp("Hours that a finished job and its pictures are kept. Default: for ever.", valueName: "h"))
    package var retainHours: Double?

    @Option(help: ArgumentHelp("The most finished jobs that are kept, newest first. Default: all.", valueName: "n"))
    package var retainJobs: Int?

    @Option(help: ArgumentHelp("The most bytes of pictures of finished jobs that are kept, newest first. Default: all.", valueName: "n"))
    package var retainBytes: Int?

    @Flag(inversion: .prefixedNo, help: "Ask for API keys (`fidediff key`); each sees its own jobs only. Default: no.")
    package var requireKeys: Bool?

    @Option(help: ArgumentHelp("Sites whose pages may call (CORS), separated by commas, or *. Default: none.", valueName: "origins"))
    package var corsOrigins: String?

    @Option(
        help: ArgumentHelp(
            "Secret that signs webhooks of jobs without an API key, whsec_...; several, separated by spaces, all sign. Default: none, and no webhooks.",
            valueName: "secret"))
    package var webhookSecret: String?

    @Flag(inversion: .prefixedNo, help: "Post webhooks to private, loopback and link-local addresses too. Default: no.")
    package var webhookAllowPrivate: Bool?

    @Option(
        help: ArgumentHelp(
            "Pauses before each further attempt of a webhook. Default: 5 s to a day, ten attempts in three days.", valueName: "s,s,..."))
    package var webhookRetrySeconds: SecondsList?

    @Option(
        help: ArgumentHelp("PEM file of the authorities for webhooks over https. Default: the system's.", valueName: "file"),
        completion: .file())
    package var webhookAuthoritiesFile: String?

    @Option(help: "Least severe level that is logged. Default: info.")
    package var logLevel: Logger.Level?

    @Option(help: "How the log looks. Default: text.")
    package var logFormat: LogFormat?

    @OptionGroup package var modelChoice: ModelChoice

    package init() {}
}
