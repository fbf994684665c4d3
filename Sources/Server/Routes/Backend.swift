// Backend.swift: what the resources stand on.

import Engine
import Logging
import Storage

/// Handed to every resource; each takes what it needs.
struct Backend: Sendable {
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
    let metrics: Metrics
    let lifecycle: Lifecycle
    let logger: Logger

    /// Every call of the interface.
    var routes: [Route] {
        DeblurResource(backend: self).routes + BlurLevelResource(backend: self).routes + JobsResource(backend: self).routes
            + JobResource(backend: self).routes + ResultResource(backend: self).routes
            + InputResource(backend: self).routes + KernelsResource(backend: self).routes + EventsResource(backend: self).routes
            + WebhookResource(backend: self).routes
            + BlurLevelsResource(backend: self).routes + OperationsResource(backend: self).routes + MetricsResource(backend: self).routes
            + WebResource().routes
    }
}
