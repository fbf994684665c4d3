import CLinux
import Foundation
import Synchronization

/// Something with a socket: told when the socket is ready and when its time is up. Used only on its event loop.
protocol EventSource: AnyObject {
    var descriptor: Int32 { get }
    var expiry: MonotonicInstant? { get }
    func ready(_ events: UInt32)  // EPOLL bits; 0 after `EventLoop.resumeSoon`
    func expired()
    func drain()  // finish what is under way, begin nothing
    func close()
    func standing(at now: MonotonicInstant) -> Standing?  // nil = is not closed to make room
    func giveUp(_ reason: TurnedAway)  // closes to make room
}

extension EventSource {
    func standing(at now: MonotonicInstant) -> Standing? { nil }
    func giveUp(_ reason: TurnedAway) { close() }
}

/// One thread that waits for sockets with epoll. Everything here and every source belongs to that thread; `execute` alone may be called
/// from others, which is why the class may be `@unchecked Sendable`.
final class EventLoop: @unchecked Sendable {
    typealias Work = @Sendable () -> Void

    private struct Slot {
        var generation: UInt32 = 0  // tells a socket from a closed one that had the same number
        var source: (any EventSource)?
    }

    private struct Inbox {
        var work: [Work] = []
        var isAwake = false  // the wake-up has been written and not yet read
        var hasEnded = false
    }

    private(set) var now = MonotonicInstant.now()
    private(set) var isDraining = false
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)  // bytes pass through; nothing stays

    let clients = Atomic<Int>(0)  // dealt to this loop and not yet closed; counted from any thread
    private let poll: Int32
    private let wakeup: Int32
    private let inbox = Mutex(Inbox())
    private let thread = Atomic<pthread_t>(0)  // 0 before `run`
    private var slots: [Slot] = []  // indexed by file descriptor
    private var sourceCount = 0
    private var resuming: [any EventSource] = []
    private var nextExpiry: MonotonicInstant?  // no source expires before this; it may be too early, never too late
    private var drainExpiry: MonotonicInstant?
    private var placesAhead = 0  // that were made, and are for newcomers to come
    private var spareBytes: [UInt8] = []
    private var date: (second: time_t, bytes: [UInt8]) = (0, [])

    init() throws(ListenError) {
        poll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_NONBLOCK) | Int32(EFD_CLOEXEC))
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: Self.wakeupToken))
        guard poll >= 0, wakeup >= 0, epoll_ctl(poll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            throw ListenError(reason: "cannot make an event loop: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        _ = Glibc.close(poll)
        _ = Glibc.close(wakeup)
        readBuffer.deallocate()
    }

    private static let wakeupToken = UInt64.max
    private static let sliceNanoseconds: UInt64 = 100_000  // Linux's least

    /// Whether the caller is on this loop's thread.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    /// From any thread: `work` runs on the loop soon. False when the loop has ended and it never will.
    @discardableResult
    func execute(_ work: @escaping Work) -> Bool {
        let (accepted, mustWake) = inbox.withLock { inbox in
            if inbox.hasEnded { return (false, false) }
            inbox.work.append(work)
            defer { inbox.isAwake = true }
            return (true, !inbox.isAwake)
        }
        if mustWake { eventfd_write(wakeup, 1) }
        return accepted
    }

    /// The thread's body: returns once drained.
    func run() {
        // sendfile has no MSG_NOSIGNAL. SIGPIPE goes to the thread that writes, so blocking it here keeps it from the process.
        var broken = sigset_t()
        sigemptyset(&broken)
        sigaddset(&broken, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &broken, nil)
        thread.store(pthread_self(), ordering: .relaxed)
        // Beside a job that wants every core, what comes over a socket is not to wait until its threads have had their 3 ms. Where
        // Linux does not know of slices (before 6.12) or does not allow it, it stays as it was.
        _ = request_time_slice(Self.sliceNanoseconds)

        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while !(isDraining && sourceCount == 0) {
            let count = epoll_wait(poll, &events, Int32(events.count), timeoutMilliseconds())
            now = .now()
            for event in events.prefix(Int(max(0, count))) { deliver(event) }
            let again = resuming
            resuming.removeAll(keepingCapacity: true)
            for source in again { source.ready(0) }
            expire()
        }
        let late = inbox.withLock { inbox in
            inbox.hasEnded = true
            defer { inbox.work = [] }
            return inbox.work
        }
        for work in late { work() }
    }

    /// Also before `run`. Edge-triggered: the source is told of changes, not of states, and needs no further word to epoll all its life.
    /// - Returns: false when Linux refuses; the source then never hears anything.
    func add(_ source: any EventSource, edgeTriggered: Bool = true) -> Bool {
        let index = Int(source.descriptor)
        while slots.count <= index { slots.append(Slot()) }
        slots[index].generation &+= 1
        let events =
            edgeTriggered
            ? EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
            : EPOLLIN.rawValue
        guard control(EPOLL_CTL_ADD, source.descriptor, events) else { return false }
        slots[index].source = source
        sourceCount += 1
        expiryChanged(of: source)
        return true
    }

    /// Before the descriptor is closed. The source may be released by this.
    func remove(_ source: any EventSource) {
        let index = Int(source.descriptor)
        guard index < slots.count, slots[index].source === source else { return }
        _ = control(EPOLL_CTL_DEL, source.descriptor, 0)
        slots[index].source = nil
        sourceCount -= 1
    }

    /// For a level-triggered source that has no use for its readiness now.
    func setListening(_ listening: Bool, for source: any EventSource) {
        guard slots[Int(source.descriptor)].source === source else { return }  // removed: its number may be another's by now
        _ = control(EPOLL_CTL_MOD, source.descriptor, listening ? EPOLLIN.rawValue : 0)
    }

    /// Gives the others a turn: the source's `ready` is called again after them.
    func resumeSoon(_ source: any EventSource) { resuming.append(source) }

    /// To be called when an expiry may have moved to an earlier moment.
    func expiryChanged(of source: any EventSource) {
        if let expiry = source.expiry, nextExpiry.map({ expiry < $0 }) ?? true { nextExpiry = expiry }
    }

    /// Closes what is missed least, some at a time.
    /// - Parameter ranks: nothing else is looked at.
    /// - Returns: how many were closed.
    @discardableResult
    func makeRoom(_ ranks: ClosedRange<Standing.Rank> = .idle ... .stream) -> Int {
        let now = now
        let found = slots.compactMap { slot -> (standing: Standing, source: any EventSource)? in
            guard let source = slot.source, let standing = source.standing(at: now), ranks.contains(standing.rank) else { return nil }
            return (standing, source)
        }
        guard let least = found.map(\.standing.rank).min() else { return 0 }
        let candidates = found.filter { $0.standing.rank == least }.sorted { $0.standing < $1.standing }
        let closed = candidates.prefix(Standing.batch(of: candidates.count, least))
        for (_, source) in closed { source.giveUp(TurnedAway(least)) }
        return closed.count
    }

    /// For one newcomer, when there is no room. Of those that come together none costs more than one its place, or the last of them would
    /// close the first before these are heard.
    func makePlace() {
        placesAhead = placesAhead > 0 ? placesAhead - 1 : max(0, makeRoom() - 1)
    }

    /// Ends the loop when its sources have finished, or at `expiry`, when those left are closed.
    func drain(until expiry: MonotonicInstant) {
        isDraining = true
        drainExpiry = expiry
        for source in slots.compactMap(\.source) { source.drain() }
    }

    /// An empty array with room in it, so that answering does not allocate; give it back when its bytes are sent.
    func takeSpareBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        swap(&bytes, &spareBytes)
        bytes.removeAll(keepingCapacity: true)
        return bytes
    }

    func giveBack(_ bytes: consuming [UInt8]) {
        spareBytes = bytes
    }

    /// The value of Date, formatted once a second.
    func dateBytes() -> [UInt8] {
        let second = time(nil)
        if second != date.second { date = (second, Array(HTTPDate.string(secondsSince1970: second).utf8)) }
        return date.bytes
    }

    private func timeoutMilliseconds() -> Int32 {
        if !resuming.isEmpty { return 0 }
        guard let expiry = nextExpiry ?? drainExpiry else { return -1 }
        return MonotonicInstant.now().milliseconds(until: min(expiry, drainExpiry ?? expiry))
    }

    private func deliver(_ event: epoll_event) {
        if event.data.u64 == Self.wakeupToken { return runInbox() }
        let index = Int(event.data.u64 & 0xFFFF_FFFF), generation = UInt32(event.data.u64 >> 32)
        // A source closed earlier in this batch may have left an event behind, and a new one its descriptor.
        guard slots[index].generation == generation, let source = slots[index].source else { return }
        source.ready(event.events)
    }

    private func runInbox() {
        var count: eventfd_t = 0
        eventfd_read(wakeup, &count)
        let work = inbox.withLock { inbox in
            inbox.isAwake = false
            defer { inbox.work = [] }
            return inbox.work
        }
        for item in work { item() }
    }

    private func expire() {
        if let drainExpiry, now >= drainExpiry {
            self.drainExpiry = nil
            for source in slots.compactMap(\.source) { source.close() }
        }
        guard let expiry = nextExpiry, now >= expiry else { return }
        // Every source is looked at, but only when the earliest time-out known has come: seldom oftener than once a time-out.
        nextExpiry = nil
        for source in slots.compactMap(\.source) {
            if let expiry = source.expiry, now >= expiry { source.expired() }
            if slots[Int(source.descriptor)].source === source { expiryChanged(of: source) }
        }
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ events: UInt32) -> Bool {
        let token = UInt64(slots[Int(descriptor)].generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        var event = epoll_event(events: events, data: epoll_data_t(u64: token))
        return epoll_ctl(poll, operation, descriptor, &event) == 0
    }
}
