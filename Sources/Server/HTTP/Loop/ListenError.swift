/// The server cannot start. The description names the address and the system's reason.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    public let reason: String
    public var description: String { reason }
}
