import Dispatch
import Foundation
import Logging
import Storage

/// The parts put together: store, workers, routes, HTTP server.
///
/// Threads: the event loops parse and route and never block; one bounded queue does the disk work of requests; the workers' queue runs the
/// model. Nothing waits for a job but a callback. The queues have different qualities of service: Dispatch gives each of these threads of
/// its own, one for each core, so that a model on all cores, or a worker that waits, keeps no request waiting.
///
/// One running service. Calls may come from any thread, but not from a handler.
public final class Service: Sendable {
    /// Requests that touch the disk at once: they wait for the disk, not for the processor.
    private static let blockingWidth = 8
    /// After the drain, for the last answers to be sent.
    private static let closeSeconds = 2.0

    private let configuration: Configuration
    private let engine: DeferredEngine
    private let pool: WorkerPool
    let waiters: JobWaiters
    private let server: HTTPServer
    private let lock: DirectoryLock?
    let router: Router
    let blurLevels: BoundedQueue
    let renders: BoundedQueue
    let events: JobEvents
    let lifecycle = Lifecycle()
    let metrics = Metrics()
    let access: Access
    let retention: RetentionSweep
    private let garbage: GarbageSweep
    private let webhooks: WebhookSender
    let webhookBody: @Sendable (Job, WebhookDelivery) -> String
    private let jobs: JobStore
    private let recovery: Recovery
    private let watch: FolderWatch
    /// The service opened the database itself, and closes it.
    private let ownsStore: Bool

    /// - Parameters:
    ///   - deblurrer: nil = its weights are still to be read: `begin(with:)`.
    ///   - jobs: takes `configuration.maxQueued` jobs.
    ///   - lock: on the folder of `jobs` and `blobs`, kept for the life of the service.
    ///   - ownsStore: the service closes `jobs` when it stops.
    public init(
        configuration: Configuration, deblurrer: (any DeblurringEngine)?, jobs: JobStore, blobs: BlobStore,
        lock: DirectoryLock? = nil, ownsStore: Bool = false, logger: Logger = Logger(label: "fidediff")
    ) {
        self.configuration = configuration
        self.lock = lock
        self.jobs = jobs
        self.ownsStore = ownsStore
        let folder = configuration.dataDirectory, doubtful = DoubtfulPictures()
        recovery = Recovery(folder: folder, jobs: jobs, blobs: blobs, logger: logger)
        watch = FolderWatch(folder: folder, jobs: jobs, blobs: blobs, lock: lock, logger: logger)
        garbage = GarbageSweep(jobs: jobs, blobs: blobs, doubtful: doubtful, logger: logger)
        engine = DeferredEngine(deblurrer)
        let places = PlaceForecast()
        let webhooks = WebhookSender(settings: configuration.webhooks, jobs: jobs, metrics: metrics, logger: logger) {
            JobDocument($0, nil, configuration)
        }
        self.webhooks = webhooks
        let webhookBody: @Sendable (Job, WebhookDelivery) -> String = { [webhooks] in webhooks.body(of: $0, $1) }
        self.webhookBody = webhookBody
        waiters = JobWaiters { [metrics] job in
            metrics.settled(job)
            places.opened()
            if job.context.webhookURL != nil { webhooks.wake() }
        }
        events = JobEvents(jobs: jobs, configuration: configuration, logger: logger)
        pool = WorkerPool(
            engine: engine, jobs: jobs, blobs: blobs, waiters: waiters, events: events, metrics: metrics,
            workers: configuration.workers, settings: configuration.work, logger: logger)
        renders = BoundedQueue(on: pool.queue, width: configuration.workers, maxWaiting: configuration.maxWaitingRenders)
        blurLevels = BoundedQueue(
            on: pool.queue, width: configuration.workers, maxWaiting: configuration.maxWaitingBlurLevels)
        access = Access(isRequired: configuration.requiresKeys, jobs: jobs, logger: logger)
        retention = RetentionSweep(
            retention: configuration.retention, jobs: jobs, garbage: garbage, metrics: metrics, logger: logger,
            webhookBody: webhookBody)
        router = Router(
            routes: ResourceContext(
                configuration: configuration, engine: engine, jobs: jobs, blobs: blobs,
                intake: Intake(
                    jobs: jobs, blobs: blobs, maxPixels: configuration.maxPixels, engine: engine,
                    reusesResults: configuration.reusesResults, doubtful: doubtful, retention: configuration.retention,
                    webhookBody: webhookBody),
                waiters: waiters, events: events, pool: pool, blurLevels: blurLevels, renders: renders, places: places, metrics: metrics,
                lifecycle: lifecycle, readiness: ReadinessLog(logger: logger), garbage: garbage, webhookBody: webhookBody, logger: logger
            ).routes)
        var limits = configuration.http
        limits.maxBodyBytes = configuration.maxBodyBytes
        limits.spoolDirectory = configuration.dataDirectory.path
        server = HTTPServer(
            host: configuration.host, port: configuration.port, limits: limits, logger: logger,
            handler: ServiceHandler(
                router: router, maxBodyBytes: configuration.maxBodyBytes,
                blocking: BoundedQueue(
                    on: DispatchQueue(label: "fidediff.requests", qos: .userInitiated, attributes: .concurrent), width: Self.blockingWidth),
                engine: engine, access: access, crossOrigin: CrossOrigin(origins: configuration.corsOrigins), metrics: metrics,
                logger: logger))
    }

    /// The service over `configuration.dataDirectory`: locks the folder, opens the database and the folder of pictures.
    /// - Throws: `DirectoryLock.Held`, `StorageError`
    public convenience init(
        configuration: Configuration, deblurrer: (any DeblurringEngine)?, logger: Logger = Logger(label: "fidediff")
    ) throws {
        let directory = configuration.dataDirectory
        let blobs = try BlobStore(directory: DataFolder.pictures(in: directory))
        let lock = try DirectoryLock(directory)
        let jobs = try JobStore(directory: directory, maxQueued: configuration.maxQueued)
        self.init(configuration: configuration, deblurrer: deblurrer, jobs: jobs, blobs: blobs, lock: lock, ownsStore: true, logger: logger)
    }

    /// The pool has begun to stop jobs between two tiles.
    var isInterrupting: Bool { pool.isInterrupting.load(ordering: .relaxed) }

    /// Whether no attempt is under way, nor its ending.
    var isIdle: Bool { pool.attempts.all.isEmpty }

    /// How many pictures wait for the weights.
    var heldPictures: Int { engine.waitingCount }

    /// Takes up the jobs of an earlier process, then listens, and works if the weights are there.
    /// - Parameter lost: called when the folder is no longer the one at its path: nothing is accepted any more, and the service is to be
    ///   stopped
    /// - Returns: the port.
    /// - Throws: `StorageError`, `ListenError`, and an error that names the way out where the pictures are not the database's
    public func start(lost: @escaping @Sendable (any Error) -> Void = { _ in }) throws -> UInt16 {
        try recovery.run()
        try jobs.beginService()
        try pool.recover()
        try access.start()
        let port = try server.start()
        if engine.isLoaded { pool.start() }
        retention.start()
        webhooks.start()
        watch.start { [lifecycle, pool] error in
            lifecycle.drain()
            pool.takeNoMore()
            lost(error)
        }
        return port
    }

    /// The weights are there: from now on the service is ready.
    public func begin(with deblurrer: any DeblurringEngine) {
        engine.load(deblurrer)
        pool.start()
    }

    /// Is not ready any more, starts no more jobs, gives those that run `configuration.drainSeconds`, puts the rest back into the queue,
    /// tells the clients that wait, and closes; all within 4 s more. A job accepted meanwhile is on disk for the next start. Blocks.
    public func stop() {
        lifecycle.drain()
        watch.stop()
        engine.stop()
        retention.stop()
        webhooks.stop()
        pool.stop(drainSeconds: configuration.drainSeconds)
        waiters.stop()
        server.stop(drainSeconds: min(configuration.drainSeconds, Self.closeSeconds))
        // Of what was refused in doubt nothing stays; where the disk still fails, the next start sees to it.
        try? garbage.run()
        // The log goes into the database: a copy of the file alone is then the whole of it.
        if ownsStore { try? jobs.close(endsService: true) }
    }
}
