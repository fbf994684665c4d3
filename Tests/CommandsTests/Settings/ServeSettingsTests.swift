import ArgumentParser
import Commands
import Engine
import Foundation
import Server
import Testing

/// Everything that `fidediff serve` was told, checked before anything is opened.
@Suite(.timeLimit(.minutes(60))) struct ServeSettingsTests {
    private func settings(_ arguments: [String] = [], _ environment: [String: String] = [:]) throws -> ServeSettings {
        try ServeSettings(ServeOptions.parse(arguments), environment: environment)
    }

    @Test func withoutAnythingTheServiceIsAsItsConfigurationSays() throws {
        let settings = try settings(), standard = Configuration(dataDirectory: URL(fileURLWithPath: DataChoice.standard))
        #expect(settings.service.host == standard.host && settings.service.port == standard.port)
        #expect(settings.service.workers == standard.workers && settings.service.maxQueued == standard.maxQueued)
        #expect(settings.service.http.headerTimeoutSeconds == standard.http.headerTimeoutSeconds)
        #expect(settings.service.retention.maxJobs == nil && settings.service.retention.maxAgeSeconds == nil)
        #expect(settings.service.webhooks.secrets.isEmpty && settings.service.corsOrigins.isEmpty)
        #expect(settings.service.maxPixels == ImageInfo.defaultMaxPixels)
        #expect(settings.logLevel == .info && settings.logFormat == .text)
    }

    @Test func unitsAreTheServices() throws {
        let settings = try settings(["--retain-hours", "1.5", "--cors-origins", "https://a, https://b", "--max-pixels", "1000"])
        #expect(settings.service.retention.maxAgeSeconds == 5_400)
        #expect(settings.service.corsOrigins == ["https://a", "https://b"])
        #expect(settings.service.maxPixels == 1000 && settings.model.pixelLimit == 1000)
    }

    @Test(arguments: [
        ("FIDEDIFF_WORKERS", "0", "use 1 or more"), ("FIDEDIFF_DRAIN_SECONDS", "-1", "use 0 or more"),
        ("FIDEDIFF_MAX_WAIT_SECONDS", "0", "use more than 0"), ("FIDEDIFF_RETAIN_HOURS", "-2", "use more than 0"),
        ("FIDEDIFF_RETAIN_JOBS", "-1", "use 0 or more"), ("FIDEDIFF_VIEWS", "5", "use 1, 2, 4 or 8"),
        ("FIDEDIFF_MAX_PIXELS", "16", "use 256 or more"), ("FIDEDIFF_MEMORY_MIB", "0", "use 1 to 1073741824"),
        ("FIDEDIFF_LOG_LEVEL", "loud", "use one of trace, debug"), ("FIDEDIFF_WEBHOOK_SECRET", "plain", "whsec_"),
        ("FIDEDIFF_WEBHOOK_RETRY_SECONDS", "5,,6", "no value of its kind"),
    ])
    func anImpossibleSettingNamesItsVariable(variable: String, value: String, whatToDo: String) {
        let error = #expect(throws: ValidationError.self) { try settings([], [variable: value]) }
        #expect(error?.message.contains(variable) == true && error?.message.contains(whatToDo) == true, "\(error?.message ?? "")")
    }

    @Test func theEnvironmentChoosesModelAndData() throws {
        let settings = try settings(["--data", "/srv/d"], ["FIDEDIFF_MODEL": "/srv/m", "FIDEDIFF_DATA": "/elsewhere"])
        #expect(settings.model.model == "/srv/m" && settings.service.dataDirectory.path == "/srv/d")
    }
}
