import ArgumentParser
import Engine
import Foundation
import Logging
import Server
import Storage

/// Everything that `fidediff serve` was told, from all layers, checked.
package struct ServeSettings {
    package let service: Configuration
    package let model: ModelChoice
    package let logLevel: Logger.Level
    package let logFormat: LogFormat
    package let layers: SettingLayers

    /// - Throws: `ValidationError` that names the setting, where its value came from, and what to do
    package init(_ flags: ServeOptions, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        var layers = try SettingLayers(config: flags.config, environment: environment)
        func atLeast(_ least: Int) -> (Int) -> String? { { $0 < least ? "use \(least) or more" : nil } }
        let positive: (Double) -> String? = { $0 > 0 ? nil : "use more than 0" }

        var service = Configuration(dataDirectory: URL(fileURLWithPath: "."))
        service.host = try layers.value("host", flags.host, default: service.host)
        service.port = try layers.value("port", flags.port, default: service.port)
        service.dataDirectory = URL(
            fileURLWithPath: try layers.value("data", flags.data, default: DataChoice.standard), isDirectory: true)
        service.workers = try layers.value("workers", flags.workers, default: service.workers, check: atLeast(1))
        service.work.maxAttempts = try layers.value("max-attempts", flags.maxAttempts, default: service.work.maxAttempts, check: atLeast(1))
        service.work.secondsPerMegapixel = try layers.value(
            "job-seconds-per-megapixel", flags.jobSecondsPerMegapixel, default: service.work.secondsPerMegapixel, check: positive)
        service.work.stallSeconds = try layers.value(
            "stall-seconds", flags.stallSeconds, default: service.work.stallSeconds, check: { $0 >= 30 ? nil : "use 30 or more" })
        service.maxQueued = try layers.value("max-queued", flags.maxQueued, default: service.maxQueued, check: atLeast(1))
        service.maxBodyBytes = try layers.value("max-body-bytes", flags.maxBodyBytes, default: service.maxBodyBytes, check: atLeast(1))
        service.http.maxConnections = try layers.value(
            "max-connections", flags.maxConnections, default: service.http.maxConnections, check: atLeast(1))
        service.http.headerTimeoutSeconds = try layers.value(
            "header-timeout-seconds", flags.headerTimeoutSeconds, default: service.http.headerTimeoutSeconds, check: positive)
        service.http.bodyTimeoutSeconds = try layers.value(
            "body-timeout-seconds", flags.bodyTimeoutSeconds, default: service.http.bodyTimeoutSeconds, check: positive)
        service.http.idleTimeoutSeconds = try layers.value(
            "idle-timeout-seconds", flags.idleTimeoutSeconds, default: service.http.idleTimeoutSeconds, check: positive)
        service.http.maxConnectionsPerAddress = try layers.value(
            "max-connections-per-address", flags.maxConnectionsPerAddress, default: service.http.maxConnectionsPerAddress, check: atLeast(0)
        )
        service.http.trustedAddresses = try layers.value(
            "trusted-addresses", flags.trustedAddresses, default: BlockList(service.http.trustedAddresses)
        ).blocks
        service.http.bodyTotalSeconds = try layers.value(
            "body-total-seconds", flags.bodyTotalSeconds, default: service.http.bodyTotalSeconds, check: positive)
        service.http.minBytesPerSecond = try layers.value(
            "min-bytes-per-second", flags.minBytesPerSecond, default: service.http.minBytesPerSecond, check: atLeast(0))
        service.http.maxBodyMemoryBytes = try layers.value(
            "max-body-memory-bytes", flags.maxBodyMemoryBytes, default: service.http.maxBodyMemoryBytes, check: atLeast(1))
        service.http.maxBodyDiskBytes = try layers.value(
            "max-body-disk-bytes", flags.maxBodyDiskBytes, default: service.http.maxBodyDiskBytes, check: atLeast(1))
        service.http.spoolAboveBytes = try layers.value(
            "spool-above-bytes", flags.spoolAboveBytes, default: service.http.spoolAboveBytes, check: atLeast(0))
        service.drainSeconds = try layers.value(
            "drain-seconds", flags.drainSeconds, default: service.drainSeconds, check: { $0 >= 0 ? nil : "use 0 or more" })
        service.maxWaitSeconds = try layers.value(
            "max-wait-seconds", flags.maxWaitSeconds, default: service.maxWaitSeconds, check: positive)
        service.reusesResults = try layers.value("reuse", flags.reuse, default: service.reusesResults)

        service.retention.maxAgeSeconds = try layers.optional("retain-hours", flags.retainHours, check: positive).map { $0 * 3_600 }
        service.retention.maxJobs = try layers.optional("retain-jobs", flags.retainJobs, check: atLeast(0))
        service.retention.maxBytes = try layers.optional("retain-bytes", flags.retainBytes, check: atLeast(0))

        service.requiresKeys = try layers.value("require-keys", flags.requireKeys, default: service.requiresKeys)
        service.corsOrigins =
            try layers.optional("cors-origins", flags.corsOrigins).map { text in
                text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            } ?? []

        if let text = try layers.optional(
            "webhook-secret", flags.webhookSecret, isSecret: true,
            check: { text in
                (try? WebhookSecret.list(text)) == nil ? "\(WebhookSecret.Invalid())" : nil
            })
        {
            service.webhooks.secrets = try WebhookSecret.list(text)
        }
        service.webhooks.allowsPrivateAddresses = try layers.value(
            "webhook-allow-private", flags.webhookAllowPrivate, default: service.webhooks.allowsPrivateAddresses)
        service.webhooks.retrySeconds = try layers.value(
            "webhook-retry-seconds", flags.webhookRetrySeconds, default: SecondsList(service.webhooks.retrySeconds)
        ).values
        service.webhooks.authoritiesFile = try layers.optional("webhook-authorities-file", flags.webhookAuthoritiesFile)

        var model = flags.modelChoice
        model.model = try layers.optional("model", model.model, default: ModelChoice.shipped)
        model.views = try layers.optional("views", model.views, default: "as the model has it", check: ModelChoice.refusal)
        model.threads = try layers.optional("threads", model.threads, default: "one a core", check: atLeast(1))
        model.maxPixels = try layers.value("max-pixels", model.maxPixels, default: ImageInfo.defaultMaxPixels, check: atLeast(256))
        model.memoryMib = try layers.optional(
            "memory-mib", model.memoryMib, check: { (1...1 << 30).contains($0) ? nil : "use 1 to \(1 << 30)" })
        model.holdWeights = try layers.optional("hold-weights", model.holdWeights, default: "where they take at most half of the memory")
        service.maxPixels = model.pixelLimit

        logLevel = try layers.value("log-level", flags.logLevel, default: .info)
        logFormat = try layers.value("log-format", flags.logFormat, default: .text)
        try layers.requireKnownNames()
        self.service = service
        self.model = model
        self.layers = layers
    }
}
