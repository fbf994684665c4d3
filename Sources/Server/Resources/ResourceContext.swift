import Engine
import Logging
import Storage

/// What the resources stand on.
///
/// Handed to every resource; each takes what it needs.
struct ResourceContext: Sendable {
    let configuration: Configuration
    let engine: DeferredEngine
    let jobs: JobStore
    let blobs: BlobStore
    let intake: Intake
    let waiters: JobWaiters
    let events: JobEvents
    let pool: WorkerPool
    /// Bounds the blur-level calls, which run beside the jobs.
    let blurLevels: BoundedQueue
    /// Bounds the pictures that are made on request.
    let renders: BoundedQueue
    /// Of the queue of jobs.
    let places: PlaceForecast
    let metrics: Metrics
    let lifecycle: Lifecycle
    let readiness: ReadinessLog
    let garbage: GarbageSweep
    /// What a webhook says of a job that goes before it is sent.
    let webhookBody: @Sendable (Job, WebhookDelivery) -> String
    let logger: Logger

    /// The routes of every call of the interface.
    var routes: [Route] {
        DeblurResource(context: self).routes + BlurLevelResource(context: self).routes + JobsResource(context: self).routes
            + JobResource(context: self).routes + RetryResource(context: self).routes + ResultResource(context: self).routes
            + InputResource(context: self).routes + KernelsResource(context: self).routes + EventsResource(context: self).routes
            + WebhookResource(context: self).routes
            + BlurLevelsResource(context: self).routes + OperationsResource(context: self).routes + MetricsResource(context: self).routes
            + WebResource().routes
    }
}
