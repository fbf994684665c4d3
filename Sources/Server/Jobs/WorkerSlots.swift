/// Which of the pool's workers are busy, and whether news came while one looked for work.
///
/// A worker that finds the queue empty must not retire if a job was committed after it looked: `arrivals` counts wake-ups,
/// and a worker retires only under the count it saw before looking. So no wake-up is lost, and no worker polls.
///
/// Pure state; the owner keeps it behind a lock.
struct WorkerSlots {
    /// Numbers of the workers that do nothing, 1...workers.
    private var idle: [Int]
    private(set) var arrivals: UInt64 = 0
    private(set) var isStopping = false
    /// Whether workers are held back, since the weights are not there yet.
    private var isHeld: Bool

    init(workers: Int, isHeld: Bool = false) {
        self.isHeld = isHeld
        idle = Array((1...workers).reversed())
    }

    /// A job may wait.
    /// - Returns: the worker to start; nil when all are busy (one of them will look again) or the pool stops.
    mutating func wake() -> Int? {
        arrivals += 1
        return isStopping || isHeld ? nil : idle.popLast()
    }

    /// A worker found nothing to do when `seen` was the count of arrivals.
    /// - Returns: false when it must look again.
    mutating func retire(_ worker: Int, seen: UInt64) -> Bool {
        guard isStopping || seen == arrivals else { return false }
        idle.append(worker)
        return true
    }

    /// From now on `wake` starts workers.
    mutating func release() {
        isHeld = false
    }

    mutating func stop() {
        isStopping = true
    }
}
