import Engine
import Foundation
import Storage

/// What an operator can choose about the service.
public struct Configuration: Sendable {
    public var host = "127.0.0.1"
    /// The port to listen on; 0 = any that is free.
    public var port: UInt16 = 8080
    /// Holds the database and the pictures; made where it is missing.
    public var dataDirectory: URL
    /// Jobs that run at once. One uses all cores already.
    public var workers = 1
    public var work = WorkSettings()
    public var maxBodyBytes = 64 << 20
    public var maxPixels = ImageInfo.defaultMaxPixels
    /// The most jobs that may wait in the queue.
    public var maxQueued = 100
    /// The most blur-level calls that wait; their pictures are held in memory.
    public var maxWaitingBlurLevels = 16
    /// The most pictures that wait to be made on request: results in another format, drawings of the motion.
    public var maxWaitingRenders = 16
    /// The longest that a request waits for its job; it is then answered with the job.
    public var maxWaitSeconds = 600.0
    /// Whether a picture that was deblurred before with the same options gets the result that is there.
    public var reusesResults = true
    /// How long running jobs and open connections get when the service stops.
    public var drainSeconds = 10.0
    public var http = HTTPLimits()
    public var retention = Retention()
    /// Whether calls below /v1/ need an API key.
    public var requiresKeys = false
    /// Other sites whose pages may call (CORS), for instance https://example.org, or *; empty = none.
    public var corsOrigins: [String] = []
    public var webhooks = WebhookSettings()

    public init(dataDirectory: URL) {
        self.dataDirectory = dataDirectory
    }
}
