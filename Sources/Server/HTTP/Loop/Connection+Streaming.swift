import Foundation

/// Answers whose bodies are written while they are sent.
extension Connection {
    func start(_ stream: ResponseStream) {
        let writer = BodyWriter(
            isChunked: exchange.head?.version != .http10, maxBacklogBytes: context.limits.maxStreamBacklogBytes,
            onWrite: stream.onWrite
        ) { [self, serial] in
            loop.execute {
                guard self.serial == serial, let stream = self.exchange.stream else { return }
                if stream.isOverrun { return self.close() }
                guard self.step == .streaming else { return }
                self.go(on: stream)
                self.advance()
            }
        }
        exchange.stream = writer
        exchange.heartbeat = stream.heartbeat
        stream.start(writer)
        if loop.isDraining { writer.finish() }
    }

    /// Sends what has been written, or waits for more.
    func go(on stream: BodyWriter) {
        let part = stream.take()
        if part.isOverrun { return close() }
        if part.isLast { exchange.stream = nil }
        if !part.bytes.isEmpty {
            startSending(OutgoingMessage(bytes: part.bytes))
        } else if part.isLast {
            answered()
        } else {
            step = .streaming
            deadlines.enter(.streaming, at: loop.now, limits: limits)
        }
    }

    func beat() {
        deadlines.enter(.streaming, at: loop.now, limits: limits)
        if let heartbeat = exchange.heartbeat { exchange.stream?.write(heartbeat) }
    }
}
