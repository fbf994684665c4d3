import HTTPTypes

/// A request line and its fields, checked against each other: RFC 9112 sections 3.2 (target forms, Host), 6 (framing), 9.3
/// (persistence) and RFC 9110 section 10.1.1 (Expect).
struct MessageHead: Sendable {
    let request: HTTPRequest  // Host moved into `authority`
    let target: RequestTarget
    let version: HTTPVersion
    let framing: MessageFraming
    let wantsClose: Bool  // the client will send nothing more on this connection
    let expectsContinue: Bool

    init(line: RequestLine, fields: HTTPFields) throws(ProtocolError) {
        var fields = fields
        var authority = try Self.host(&fields, version: line.version)
        var path = line.target
        if line.method == .connect { throw ProtocolError(.notImplemented, "This server is no proxy: CONNECT is not implemented.") }
        if let absolute = try Self.absoluteForm(line.target, method: line.method) {
            (authority, path) = absolute  // section 3.2.2: the target's authority overrules Host
        } else if authority == "" {
            // An http URI without a host is invalid, and to be rejected (RFC 9110 section 4.2.1).
            throw .badRequest("The Host header is empty.")
        } else if path == "*" {
            guard line.method == .options else { throw .badRequest("Only OPTIONS may have the target *.") }
        } else if path.utf8.first != 0x2F {
            throw .badRequest("The request target does not start with a slash.")
        }
        target = try RequestTarget(path)
        version = line.version
        framing = try MessageFraming(fields: fields, version: line.version)
        wantsClose = line.version == .http10 || fields.hasToken("close", in: .connection)
        expectsContinue = try Self.expectsContinue(fields, version: line.version)
        request = HTTPRequest(method: line.method, scheme: "http", authority: authority, path: path, headerFields: fields)
    }

    /// Section 3.2: exactly one valid Host in HTTP/1.1; HTTP/1.0 may leave it out.
    private static func host(_ fields: inout HTTPFields, version: HTTPVersion) throws(ProtocolError) -> String? {
        guard let index = fields.firstIndex(where: isHost) else {
            if version == .http10 { return nil }
            throw .badRequest("The Host header is missing.")
        }
        let host = fields.remove(at: index).value
        if fields.contains(where: isHost) { throw .badRequest("There is more than one Host header.") }
        guard host.isEmpty || isAuthority(host[...]) else { throw .badRequest("The Host header is not a host with an optional port.") }
        return host
    }

    /// HTTPTypes has no public name for Host, since it keeps it as the authority.
    private static func isHost(_ field: HTTPField) -> Bool { field.name.canonicalName == "host" }

    /// Section 3.2.2: `http://authority/path?query`, as clients of proxies send it.
    private static func absoluteForm(_ target: String, method: HTTPRequest.Method) throws(ProtocolError) -> (String?, String)? {
        guard target.utf8.first != 0x2F, let colon = target.firstIndex(of: ":"), target[colon...].hasPrefix("://") else { return nil }
        let scheme = target[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { throw .badRequest("The target's scheme is neither http nor https.") }
        let rest = target[target.index(colon, offsetBy: 3)...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard isAuthority(rest[..<end]) else { throw .badRequest("The target's authority is not a host with an optional port.") }
        let path = rest[end...]
        if path.isEmpty { return (String(rest[..<end]), method == .options ? "*" : "/") }  // section 3.2.4
        return (String(rest[..<end]), path.first == "?" ? "/" + path : String(path))
    }

    /// RFC 3986 section 3.2 without userinfo, which RFC 9110 section 4.2.4 bids to treat as an error.
    private static func isAuthority(_ text: Substring) -> Bool {
        let bytes = text.utf8
        let hostEnd: Substring.Index
        if bytes.first == 0x5B {
            guard let bracket = bytes.firstIndex(of: 0x5D) else { return false }
            let literal = bytes[bytes.index(after: bytes.startIndex)..<bracket]
            guard !literal.isEmpty, literal.allSatisfy({ hexadecimalValue($0) != nil || $0 == 0x3A || $0 == 0x2E }) else { return false }
            hostEnd = bytes.index(after: bracket)
        } else {
            let name = ByteSet.registeredName
            hostEnd = bytes.firstIndex { !name.contains($0) } ?? bytes.endIndex
            if hostEnd == bytes.startIndex { return false }
        }
        let port = bytes[hostEnd...]
        return port.isEmpty || (port.first == 0x3A && port.dropFirst().allSatisfy { (0x30...0x39).contains($0) })
    }

    private static func expectsContinue(_ fields: HTTPFields, version: HTTPVersion) throws(ProtocolError) -> Bool {
        guard version == .http11, fields.contains(.expect) else { return false }
        guard fields[values: .expect].allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw ProtocolError(.expectationFailed, "The only expectation this server meets is 100-continue.")
        }
        return true
    }
}

extension HTTPFields {
    /// Whether a comma-separated field names this token, in any case (RFC 9110 section 5.6.1).
    func hasToken(_ token: String, in name: HTTPField.Name) -> Bool {
        guard contains(name) else { return false }
        return self[values: name].contains { value in
            value.split(separator: ",").contains { $0.trimmingOptionalWhitespace().lowercased() == token }
        }
    }
}
