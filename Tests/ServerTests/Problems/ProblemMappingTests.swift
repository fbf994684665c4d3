import Engine
import Foundation
import HTTPTypes
import Storage
import Testing
@testable import Server

/// Every typed error becomes the problem that issue and design name, with the limit and what was measured.
@Suite(.timeLimit(.minutes(60))) struct ProblemMappingTests {
    struct Unexpected: Error {}

    private static let errors: [(any Error, ProblemType, Int, limit: Int?, measured: Int?)] = [
        (ImageError.notAnImage, .notAnImage, 415, nil, nil),
        (ImageError.foreign(kind: "a HEIC picture"), .notAnImage, 415, nil, nil),
        (ImageError.sideTooLong(limit: 10, width: 16, height: 12), .imageTooLong, 422, 10, 16),
        (ImageError.corrupt(reason: "x"), .unreadableImage, 422, nil, nil),
        (ImageError.unsupported(reason: "x"), .unsupportedImage, 415, nil, nil),
        (ImageError.tooManyPixels(limit: 10, found: 12), .tooManyPixels, 413, 10, 12),
        (ImageError.tooSmall(minimumSide: 16, width: 15, height: 400), .imageTooSmall, 422, 16, 15),
        (DeblurError.numericalFault(stage: "latent"), .numericalFault, 500, nil, nil),
        (DeblurError.cancelled, .jobCancelled, 410, nil, nil),
        (StorageError.queueFull(limit: 7, queued: 8), .queueFull, 429, 7, 8),
        (StorageError.diskFull(neededBytes: 100, freeBytes: 10), .diskFull, 507, 10, 100),
        (StorageError.notFound(id: "A"), .unknownJob, 404, nil, nil),
        (StorageError.conflict(id: "A", state: .running), .jobNotFinished, 409, nil, nil),
        (StorageError.invalidCursor("x"), .invalidParameter, 400, nil, nil),
        (StorageError.limitOutOfRange(found: 300, maximum: 200), .invalidParameter, 400, 200, 300),
        (StorageError.database(code: 10, message: "x"), .storeUnavailable, 503, nil, nil),
        (StorageError.database(code: 2067, message: "a row that is there twice"), .internalError, 500, nil, nil),
        (StorageError.file(operation: "read", path: "/secret", code: 5), .storeUnavailable, 503, nil, nil),
        (ImageError.outOfMemory, .internalError, 500, nil, nil),
        (StorageError.corruptDatabase("x"), .internalError, 500, nil, nil),
        (StorageError.newerDatabase(unknownMigrations: ["9"]), .internalError, 500, nil, nil),
        (MultipartError.unterminated, .invalidForm, 400, nil, nil),
        (BoundedQueue.Full(limit: 2, waiting: 2), .queueFull, 429, 2, 2),
        (Problem(.emptyBody, "x", limit: 1, measured: 0), .emptyBody, 400, 1, 0),
        (Unexpected(), .internalError, 500, nil, nil),
    ]

    @Test func everyErrorHasItsProblem() throws {
        for (error, type, status, limit, measured) in Self.errors {
            let problem = Problem(error)
            #expect(problem.type == type, "\(error)")
            #expect(problem.response.status.code == status, "\(error)")
            #expect(problem.limit == limit, "\(error)")
            #expect(problem.measured == measured, "\(error)")
            for number in [limit, measured].compactMap({ $0 }) where type != .emptyBody {
                #expect(problem.detail.contains(String(number)) || problem.whatToDo.contains(String(number)), "\(error)")
            }
            #expect(!problem.detail.contains("secret"))
        }
    }

    @Test(arguments: ProblemType.allCases)
    func everyTypeSaysWhatToDo(type: ProblemType) throws {
        #expect(!type.title.isEmpty && !type.whatToDo.isEmpty)
        #expect((400..<600).contains(type.status.code))
        #expect(!type.status.reasonPhrase.isEmpty)
        let response = Problem(type, "d").response
        #expect(response.fields[.contentType] == "application/problem+json")
        guard case .data(let data) = response.body else {
            Issue.record("no body")
            return
        }
        let json = try JSONValue(json: data)
        #expect(json["type"]?.string == "urn:fidediff:problem:" + type.rawValue)
        #expect(json["status"]?.integer == type.status.code)
        #expect(json["what_to_do"]?.string == type.whatToDo)
    }

    @Test(arguments: [
        (400, ProblemType.malformedRequest), (408, .requestTimeout), (413, .bodyTooLarge), (414, .targetTooLong),
        (417, .expectationFailed), (431, .headerTooLarge), (501, .notImplemented), (503, .busy), (505, .versionNotSupported),
        (500, .internalError), (499, .malformedRequest),
    ])
    func protocolErrorsHaveTheirProblem(status: Int, type: ProblemType) {
        let problem = Problem(protocolStatus: HTTPResponse.Status(code: status), detail: "d", limit: 1, measured: 2)
        #expect(problem.type == type)
        #expect(problem.limit == 1 && problem.measured == 2)
    }

    @Test func headersFollowTheProblem() {
        let response = Problem(.queueFull, "d", job: "J", retryAfterSeconds: 9).response
        #expect(response.fields[.retryAfter] == "9")
        #expect(response.fields[.fidediffJob] == "J")
        #expect(response.fields[.allow] == nil)
    }

    /// A job's problem is stored by its name and read by a later version.
    @Test func storageNamesAProblemThatIsKnown() {
        #expect(ProblemType(rawValue: JobStore.Loss.interrupted.rawValue) == .interrupted)
        #expect(ProblemType(rawValue: JobStore.Loss.timedOut.rawValue) == .timedOut)
    }
}
