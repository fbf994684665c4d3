import Foundation
import TestSupport
import Testing
@testable import Server

/// The pages as a browser asks for them. What they do in one is `make test-page`'s to see.
@Suite(.timeLimit(.minutes(60))) struct WebResourceTests {
    private let fixture: ServiceFixture

    init() throws {
        fixture = try ServiceFixture()
    }

    private static let sources = Repository.folder.appendingPathComponent("Sources/Server/Web")

    @Test(arguments: [("/", "index.html"), ("/docs", "docs.html")])
    func servesThePages(path: String, name: String) throws {
        let answer = try fixture.call("GET", path)
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
        #expect(try Data(answer.body) == Data(contentsOf: Self.sources.appendingPathComponent(name)))
        #expect(try fixture.call("HEAD", path).fields["etag"] == answer.fields["etag"])
    }

    @Test func servesEveryFileThatThereIs() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path).filter {
            !$0.hasSuffix(".swift") && !$0.hasSuffix(".html")
        }
        #expect(Set(names) == Set(WebResource.files.keys))
        let types = ["js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml"]
        for name in names {
            let answer = try fixture.call("GET", "/web/\(name)")
            #expect(answer.status == 200 && answer.fields["content-type"] == types[String(name.split(separator: ".")[1])], "\(name)")
            #expect(try Data(answer.body) == Data(contentsOf: Self.sources.appendingPathComponent(name)), "\(name)")
        }
    }

    @Test func theContractNamesTheSameFiles() throws {
        let parameter = try OpenAPIContract.embedded.get().parameters("GET /web/{file}").first
        #expect(Set(parameter?["schema"]?["enum"]?.strings ?? []) == Set(WebResource.files.keys))
    }

    @Test(arguments: ["/web/app.swift", "/web/", "/web/%2e%2e%2fopenapi.yaml", "/web/..", "/index.html", "/docs/"])
    func servesNothingElse(path: String) throws {
        let answer = try fixture.call("GET", path)
        #expect(answer.status == 404)
        #expect(try answer.problem == "not_found")
    }

    @Test(arguments: ["/", "/docs", "/web/app.js", "/web/icon.svg"])
    func allowsNothingFromElsewhere(path: String) throws {
        let fields = try fixture.call("GET", path).fields
        let policy = fields["content-security-policy"] ?? ""
        #expect(
            policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self';"))
        #expect(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains("*"))
        #expect(fields["x-content-type-options"] == "nosniff")
        #expect(fields["referrer-policy"] == "no-referrer")
    }

    /// A policy without exceptions holds only when the pages need none.
    @Test(arguments: ["index.html", "docs.html"])
    func pagesHoldNothingInline(name: String) throws {
        let text = try String(contentsOf: Self.sources.appendingPathComponent(name), encoding: .utf8)
        #expect(!text.contains(/\sstyle=|\son[a-z]+=|<style|javascript:/))
        #expect(text.matches(of: /<script/).count == text.matches(of: /<script type="module" src="\/web\//).count)
        #expect(!text.contains(/(src|href)="(https?:)?\/\//))
    }

    @Test func repeatedVisitsCostNoBytes() throws {
        for path in ["/", "/docs", "/web/app.js"] {
            let tag = try #require(try fixture.call("GET", path).fields["etag"])
            for same in [tag, "W/\(tag)", "\"x,y\", \(tag) ,\"z\"", "*"] {
                let answer = try fixture.call("GET", path, fields: ["If-None-Match": same])
                #expect(answer.status == 304 && answer.body.isEmpty && answer.fields["etag"] == tag, "\(same)")
                #expect(answer.fields["content-security-policy"] != nil)
            }
            for other in ["\"x\"", "", tag.uppercased() + "x", "W/\"x\", \"y\""] {
                #expect(try fixture.call("GET", path, fields: ["If-None-Match": other]).status == 200, "\(other)")
            }
        }
        let tags = WebResource.files.values.map(\.entityTag)
        #expect(Set(tags).count == tags.count)
    }

    @Test func takeNoOtherMethod() throws {
        #expect(try fixture.call("POST", "/").fields["allow"] == "GET, HEAD, OPTIONS")
    }

    /// Shared links come with marks of newsletters and social networks, probes with numbers against caches.
    @Test(arguments: ["/?fbclid=abc", "/docs?utm_source=mail", "/web/app.js?v=2", "/healthz?x", "/readyz?n=1", "/openapi.yaml?1"])
    func passOverQueriesThatAreNotTheirs(target: String) throws {
        #expect(try fixture.call("GET", target).status == 200)
        #expect(try fixture.call("GET", "/v1/jobs?x=1").status == 400)
    }
}
