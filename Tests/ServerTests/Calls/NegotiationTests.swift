import HTTPTypes
import Testing
@testable import Engine
@testable import Server

/// Which media type a client gets (RFC 9110 section 12.5.1).
@Suite(.timeLimit(.minutes(60))) struct NegotiationTests {
    @Test(
        arguments: [
            (nil, "", ImageFormat.png), (nil, "*/*", .png), (nil, "image/jpeg", .jpeg), (nil, "image/*, image/jpeg;q=0.5", .png),
            (nil, "image/png;q=0.1, image/jpeg", .jpeg), (.jpeg, "image/png", .jpeg), (nil, "no type", .png),
        ] as [(ImageFormat?, String, ImageFormat)])
    func aNameGoesBeforeAcceptAndThatBeforeTheOwnFormat(named: ImageFormat?, accept: String, expected: ImageFormat) throws {
        #expect(try Negotiation.format(named, [.accept: accept], own: .png) == expected)
    }

    @Test func whatIsNotOfferedIsRefused() {
        #expect { _ = try Negotiation.format(nil, [.accept: "text/html"], own: .jpeg) } throws: { error in
            let problem = error as? Problem
            return problem?.type == .notAcceptable && problem?.whatToDo.contains("image/jpeg, image/png") == true
        }
    }
}
