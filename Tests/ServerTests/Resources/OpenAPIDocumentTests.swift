import Foundation
import TestSupport
import Testing
@testable import Server

/// openapi.yaml against the code. That responses keep to it is checked wherever `ServiceFixture.call` is used.
@Suite(.timeLimit(.minutes(60))) struct OpenAPIDocumentTests {
    private let fixture: ServiceFixture
    private let contract: OpenAPIContract
    private var routes: [Route] { fixture.service.router.routes }

    init() throws {
        fixture = try ServiceFixture()
        contract = try OpenAPIContract.embedded.get()
    }

    private func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.template)" }

    @Test func embeddedCopyIsTheDocumentAtTheTop() throws {
        let top = Repository.folder.appendingPathComponent("openapi.yaml")
        #expect(try Data(contentsOf: top) == OpenAPIDocument.data)
        #expect(contract.root["openapi"]?.string?.hasPrefix("3.1.") == true)
        let answer = try fixture.call("GET", "/openapi.yaml")
        #expect(Data(answer.body) == OpenAPIDocument.data)
    }

    @Test func bothHaveTheSameCalls() {
        #expect(Set(routes.map(name)) == Set(contract.operations.keys))
        #expect(Set(routes.map(name)).count == routes.count, "a route is there twice")
        #expect(routes.count == 20)
    }

    @Test func bothHaveTheSameParameters() {
        for route in routes {
            let parameters = contract.parameters(name(route))
            let query = parameters.filter { $0["in"]?.string == "query" }.compactMap { $0["name"]?.string }
            #expect(Set(query) == Set(route.parameters), "\(name(route))")
            let path = Set(parameters.filter { $0["in"]?.string == "path" }.compactMap { $0["name"]?.string })
            let braces = Set(route.template.matches(of: /\{(\w+)\}/).map { String($0.1) })
            #expect(path == braces, "\(name(route))")
        }
    }

    @Test func bothHaveTheSameStatuses() {
        for route in routes {
            let expected = route.successes.union(route.problems.map(\.status.code)).map(String.init)
            #expect(Set(contract.responses(name(route)).keys) == Set(expected + ["default"]), "\(name(route))")
        }
    }

    @Test func eachResponseNamesItsProblems() {
        for route in routes {
            for (status, response) in contract.responses(name(route)) {
                let expected =
                    status == "default"
                    ? Route.anywhere : route.problems.union(Route.anywhere).filter { String($0.status.code) == status }
                #expect(
                    Set(response["x-problem-types"]?.strings ?? []) == Set(expected.map(\.rawValue)), "\(name(route)) \(status)")
            }
        }
    }

    @Test func onlyCallsWithAPictureHaveABody() {
        for route in routes {
            #expect((contract.operations[name(route)]?["requestBody"] != nil) == (route.body == .picture), "\(name(route))")
        }
    }

    @Test func everyProblemTypeIsListed() {
        let listed = contract.root["components"]?["schemas"]?["Problem"]?["properties"]?["type"]?["enum"]?.strings ?? []
        #expect(listed.sorted() == ProblemType.allCases.map(\.uri).sorted())
    }

    @Test func everyProblemTypeIsReachable() {
        let reachable = routes.reduce(into: Route.anywhere) { $0.formUnion($1.problems) }
        #expect(reachable == Set(ProblemType.allCases))
    }

    @Test func formsHaveTheOptionsOfTheQuery() {
        for route in routes where route.body == .picture {
            let body = SchemaCheck(root: contract.root).resolve(contract.operations[name(route)]?["requestBody"] ?? .null)
            let fields = body["content"]?["multipart/form-data"]?["schema"]?["properties"]?.members.keys.filter { $0 != "image" }
            #expect(Set(fields ?? []) == Set(route.parameters), "\(name(route))")
        }
    }

    /// The judge itself: each change must be noticed.
    @Test(arguments: [
        (#"{"status":"ok"}"#, 200, 0), (#"{"status":"bad"}"#, 200, 1), (#"{}"#, 200, 1), (#"{"status":"ok","more":1}"#, 200, 1),
        (#"[]"#, 200, 1), (#"{"status":"ok"}"#, 201, 1),
    ])
    func violationsAreFound(body: String, status: Int, atLeast: Int) {
        let answer = HTTPLoopbackClient.Answer(
            status: status, fields: ["content-type": "application/json"], body: Array(body.utf8))
        let found = contract.violations("GET", "/healthz", answer)
        #expect(atLeast == 0 ? found.isEmpty : found.count >= atLeast, "\(found)")
    }

    @Test func undocumentedHeadersAreFound() {
        let answer = HTTPLoopbackClient.Answer(
            status: 200, fields: ["content-type": "application/json", "fidediff-new": "1"], body: Array(#"{"status":"ok"}"#.utf8))
        #expect(contract.violations("GET", "/healthz", answer).count == 1)
    }
}
