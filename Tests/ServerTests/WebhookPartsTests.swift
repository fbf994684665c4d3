import Foundation
import Testing
@testable import Server

@Suite(.timeLimit(.minutes(60))) struct WebhookSecretTests {
    /// A signature that the public libraries of Standard Webhooks make and accept; Tests/Operations holds ours against one of them.
    @Test func signsAsTheSpecificationSays() throws {
        let secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        #expect(
            secret.signature(id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: #"{"test": 2432232314}"#)
                == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func secretsAreChecked() throws {
        let new = WebhookSecret()
        #expect(try WebhookSecret(new.text) == new && new != WebhookSecret())
        #expect(try WebhookSecret.list("\(new.text) \(new.text)").count == 2)
        for bad in [
            "", "whsec_", "whsec_!!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + Data(count: 23).base64EncodedString(),
            "whsec_" + Data(count: 65).base64EncodedString(),
        ] {
            #expect(throws: WebhookSecret.Invalid.self, "\(bad)") { _ = try WebhookSecret(bad) }
        }
    }
}

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

@Suite(.timeLimit(.minutes(60))) struct InternetAddressTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.5", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1",
        "::8.8.8.8",
        "64:ff9b::808:808", "100::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::1", "3fff::1", "fc00::1", "fd12::1", "fe80::1",
        "fec0::1", "ff02::1", "5f00::1",
    ])
    func specialOnesAreNotPublic(text: String) throws {
        #expect(try !#require(InternetAddress(text)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.0.1",
        "172.15.0.1",
        "172.32.0.0", "192.0.1.1", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111", "2003::1", "2a00::1", "3ffe::1",
    ])
    func othersAre(text: String) throws {
        let address = try #require(InternetAddress(text))
        #expect(address.isPublic)
        #expect(address.description == text)
    }

    @Test func readsDigitsOnly() {
        for text in ["", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "::1%lo"] {
            #expect(InternetAddress(text) == nil, "\(text)")
        }
    }

    @Test func odditiesOfTheResolverAreSeenAsWhatTheyAre() throws {
        // Forms that the system's resolver takes for 127.0.0.1.
        for text in ["127.1", "2130706433", "0x7f.0.0.1"] {
            #expect(try InternetAddress.resolve(text).map(\.description) == ["127.0.0.1"])
        }
        #expect(throws: InternetAddress.Unresolved.self) { _ = try InternetAddress.resolve("does-not-exist.invalid") }
    }
}

@Suite(.timeLimit(.minutes(60))) struct WebhookSettingsTests {
    @Test func pausesGrowAndEnd() {
        let settings = WebhookSettings()
        let pauses = (1...10).map { settings.pauseSeconds(afterAttempt: $0, spread: 0) }
        #expect(pauses.first == 5 && pauses.last == .some(nil))
        #expect(zip(pauses, pauses.dropFirst().dropLast()).allSatisfy { ($0 ?? 0) < ($1 ?? 0) })
        #expect(settings.pauseSeconds(afterAttempt: 2, spread: 1) == 330 && settings.pauseSeconds(afterAttempt: 2, spread: -1) == 270)
    }
}
