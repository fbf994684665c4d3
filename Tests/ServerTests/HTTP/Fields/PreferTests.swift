import Testing
@testable import Server

/// Prefer (RFC 7240).
@Suite(.timeLimit(.minutes(60))) struct PreferTests {
    @Test func preferences() {
        #expect(Prefer("respond-async, wait=10") == Prefer("wait=\"10\" ; x=y , foo; bar, Respond-Async"))
        #expect(Prefer("respond-async, wait=10").respondAsync)
        #expect(Prefer("wait=10, wait=20").waitSeconds == 10)
        #expect(Prefer("wait=-1").waitSeconds == nil)
        #expect(Prefer("wait").waitSeconds == nil)
        #expect(Prefer("wait=99999999999999999999").waitSeconds == nil)
        #expect(!Prefer("return=minimal").respondAsync)
        #expect(!Prefer("").respondAsync)
        #expect(!Prefer("x=\"respond-async").respondAsync)
    }
}
