import Foundation
import Testing
@testable import Server

/// Where a webhook may go: plain URLs alone.
@Suite(.timeLimit(.minutes(60))) struct WebhookTargetTests {
    @Test(arguments: [
        ("https://example.org/hook?a=b%20c", "https://example.org:443/hook?a=b%20c"), ("http://Example.ORG", "http://example.org:80/"),
        ("HTTP://a.b:8080?x=1", "http://a.b:8080/?x=1"), ("https://[2001:DB8::1]:444/x", "https://[2001:db8::1]:444/x"),
        ("http://192.0.2.1/", "http://192.0.2.1:80/"), ("http://a/~b@c", "http://a:80/~b@c"),
    ])
    func readsAndWritesAnew(text: String, expected: String) throws {
        #expect(try WebhookTarget(text).text == expected)
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "https://", "https:///x", "https://user@example.org/", "https://user:p@example.org/",
        "http://example.org\\@127.0.0.1/", "http://127.0.0.1#@example.org/", "http://example.org/#f", "http://exa mple.org/", "http://a/ b",
        "http://example.org:0/", "http://example.org:65536/", "http://example.org:/", "http://-a/", "http://a%2eb/", "http://ⓔxample.org/",
        "http://[::1", "http://[fe80::1%25eth0]/", "http://a/\r\nHost: b", "http://a/é", "javascript:alert(1)", "//example.org/",
    ])
    func refusesWhatIsNotPlain(text: String) {
        #expect(throws: WebhookTarget.Invalid.self) { _ = try WebhookTarget(text) }
    }

    @Test func refusesLongOnes() throws {
        let room = WebhookTarget.maxBytes - "http://a/".count
        _ = try WebhookTarget("http://a/" + String(repeating: "x", count: room))
        #expect(throws: WebhookTarget.Invalid.self) { _ = try WebhookTarget("http://a/" + String(repeating: "x", count: room + 1)) }
    }
}
