import CCrypto
import Foundation

/// SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104) of bytes in memory, 32 bytes each, by the system's libcrypto. No other algorithm, no
/// streams.
enum SHA256 {
    static func hash(_ data: Data) -> Data {
        filled { digest in data.withUnsafeBytes { CCrypto.SHA256($0.baseAddress, $0.count, digest) } }
    }

    /// - Parameter key: at most 2^31 - 1 bytes, libcrypto's limit.
    static func authenticationCode(of data: Data, key: Data) -> Data {
        filled { digest in
            key.withUnsafeBytes { key in
                data.withUnsafeBytes { HMAC(EVP_sha256(), key.baseAddress, Int32(key.count), $0.baseAddress, $0.count, digest, nil) }
            }
        }
    }

    /// Whether two digests are the same. Takes as long wherever they differ.
    static func areEqual(_ left: Data, _ right: Data) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
        }
    }

    /// - Parameter write: returns nil when libcrypto has no SHA-256, which no configuration of it lacks.
    private static func filled(_ write: (UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>?) -> Data {
        Data(
            [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
                guard let start = digest.baseAddress, write(start) != nil else { preconditionFailure("libcrypto computes no SHA-256") }
                count = Int(SHA256_DIGEST_LENGTH)
            })
    }
}
