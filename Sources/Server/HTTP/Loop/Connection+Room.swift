import CLinux
import Foundation

/// Making room: what is closed when there are more connections than places.
extension Connection {
    func standing(at now: MonotonicInstant) -> Standing? { deadlines.standing(at: now) }

    /// Ends without the answer that its client came for. One that waits for an answer is told why, if its socket takes that at once; an idle
    /// one is closed without a word, as at its time-out.
    func giveUp(_ reason: TurnedAway) {
        let response = context.handler.turnedAway(reason)
        if deadlines.phase == .head || deadlines.phase == .body { Self.tell(response, on: descriptor, date: loop.dateBytes()) }
        close()
    }

    /// One write, and no more input is awaited: whoever is turned away must not hold a place for it.
    static func tell(_ response: Response, on socket: Int32, date: [UInt8]) {
        guard let message = OutgoingMessage(response, isHead: false, isChunked: true, closes: true, date: date, bytes: []) else { return }
        let bytes = message.spareBytes()
        _ = Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        shutdown(socket, Int32(SHUT_WR))
    }
}
