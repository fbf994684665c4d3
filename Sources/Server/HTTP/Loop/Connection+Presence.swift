import Foundation

/// Clients that may have left before their answer.
extension Connection {
    /// The end of what a client sends may be the end of the client, or only of its sending half (`shutdown`). Which, shows when something
    /// is sent to it: one that is gone resets the connection.
    func doubtClient() {
        guard hasPeerFinished, step == .handling, deadlines.phase == .handling, !exchange.isProbed, exchange.head?.version == .http11 else {
            return
        }
        deadlines.enter(.halfClosed, at: loop.now, limits: limits)
    }

    /// RFC 9110 section 15.2: any client of HTTP/1.1 takes interim answers, and discards a 100 that it did not ask for.
    func probe() {
        exchange.isProbed = true
        deadlines.enter(.handling, at: loop.now, limits: limits)
        let bytes = ResponseSerializer.interimContinue
        let written = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        if written != bytes.count, written > 0 || errno != EAGAIN { close() }
    }
}
