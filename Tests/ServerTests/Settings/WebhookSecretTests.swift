import Foundation
import Testing
@testable import Server

/// The secret that signs, as Standard Webhooks has it.
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
