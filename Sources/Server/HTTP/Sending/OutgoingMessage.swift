import CLinux
import Foundation

/// A response on its way into a socket that takes as much as it likes. Small ones leave in one write, head and body together.
struct OutgoingMessage: ~Copyable {
    enum Progress: Equatable { case done, blocked, paused, failed }

    /// Bodies up to this are copied behind their head: a copy is cheaper than a second write.
    static let maxCoalescedBytes = 16 << 10

    private(set) var bytes: [UInt8]  // head, or head and body
    private var sent = 0
    private var data: Data?  // a body that is not in `bytes`; `sent` counts on into it
    private var file: OpenFile?

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Nil for what cannot be sent: an interim status, or a file that cannot be opened or is too short.
    /// Of a streamed body only the head.
    /// - Parameters:
    ///   - isChunked: how a streamed body is framed.
    ///   - bytes: an empty array, whose room is used.
    init?(_ response: Response, isHead: Bool, isChunked: Bool, closes: Bool, date: [UInt8], bytes: consuming [UInt8]) {
        guard response.status.code >= 200 else { return nil }
        let hidesBody = isHead || response.status.code == 204 || response.status.code == 304
        let length: Int?
        switch response.body {
        case .empty:
            length = 0
        case .data(let body):
            length = body.count
            if !hidesBody, body.count > Self.maxCoalescedBytes { data = body }
        case .file(let url, let offset, let fileLength):
            length = fileLength
            if !hidesBody {
                guard let opened = OpenFile(url, offset: offset, length: fileLength) else { return nil }
                file = consume opened
            }
        case .stream:
            length = nil
        }
        ResponseSerializer.appendHead(
            of: response, date: date, bodyLength: length, isChunked: isChunked, isHead: hidesBody, closes: closes, to: &bytes)
        if !hidesBody, data == nil, case .data(let body) = response.body { bytes.append(contentsOf: body) }
        self.bytes = bytes
    }

    /// - Parameter budget: bytes until others get a turn (`paused`); lowered by those written.
    mutating func write(to socket: Int32, budget: inout Int) -> Progress {
        while budget > 0 {
            let written: Int
            if sent < bytes.count || data != nil {
                written = writeMemory(to: socket)
            } else if fileRemaining > 0 {
                written = writeFile(to: socket, maxBytes: budget)
                if written == 0 { return .failed }  // the file has become shorter than its Content-Length
            } else {
                return .done
            }
            if written < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed
            }
            budget -= written
        }
        return isDone ? .done : .paused
    }

    /// Takes the byte array back for the next message.
    consuming func spareBytes() -> [UInt8] { bytes }

    private var isDone: Bool { sent == bytes.count && data == nil && fileRemaining == 0 }

    private var fileRemaining: Int {
        switch file {
        case .some(let file): file.remaining
        case .none: 0
        }
    }

    private mutating func writeMemory(to socket: Int32) -> Int {
        let moreFollows = fileRemaining > 0 ? Int32(MSG_MORE) : 0
        let headSent = min(sent, bytes.count), bodySent = sent - headSent
        let written = bytes.withUnsafeBytes { head in
            guard let data else {
                return send(socket, head.baseAddress.map { $0 + headSent }, head.count - headSent, Int32(MSG_NOSIGNAL) | moreFollows)
            }
            return data.withUnsafeBytes { body in
                var parts = [Self.vector(head, from: headSent), Self.vector(body, from: bodySent)]
                return parts.withUnsafeMutableBufferPointer { parts in
                    var message = msghdr()
                    message.msg_iov = parts.baseAddress
                    message.msg_iovlen = parts.count
                    return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        if written > 0 { sent += written }
        if let data, sent == bytes.count + data.count {
            self.data = nil
            sent = bytes.count
        }
        return written
    }

    private mutating func writeFile(to socket: Int32, maxBytes: Int) -> Int {
        file?.send(to: socket, maxBytes: min(maxBytes, 1 << 20)) ?? 0
    }

    private static func vector(_ bytes: UnsafeRawBufferPointer, from start: Int) -> iovec {
        iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress.map { $0 + start }), iov_len: bytes.count - start)
    }
}

/// Part of a file, open for reading; closed when released.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private var offset: off_t
    private(set) var remaining: Int

    /// Opens a file to be sent; nil when it cannot be opened, or ends before `offset + length`.
    init?(_ url: URL, offset: Int, length: Int) {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a pipe without a writer must not hold the loop
        guard descriptor >= 0 else { return nil }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isFile, offset >= 0, length >= 0, offset <= Int(status.st_size), length <= Int(status.st_size) - offset else {
            _ = Glibc.close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.offset = off_t(offset)
        remaining = length
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Sends a part of the file as sendfile(2) does: bytes written, 0 at the end of the file, -1 with errno.
    mutating func send(to socket: Int32, maxBytes: Int) -> Int {
        let written = sendfile(socket, descriptor, &offset, min(remaining, maxBytes))
        if written > 0 { remaining -= written }
        return written
    }
}
