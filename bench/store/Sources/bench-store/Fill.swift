import Foundation
import GRDB
import Storage

/// A database with many finished jobs, made by SQL alone: created over 30 days, one in 11 reused, one in 97 failed, 100 keys.
func fill(_ folder: URL, jobs count: Int, now: Date) throws {
    try JobStore(directory: folder, maxQueued: 1).close()
    let queue = try DatabaseQueue(path: folder.appendingPathComponent(JobStore.fileName).path)
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000") }
    let end = Int64(now.timeIntervalSince1970 * 1_000) - 120_000, step = 30 * 86_400_000 / Int64(count)
    let batch = 50_000
    for first in stride(from: 0, to: count, by: batch) {
        try queue.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :last)
                    INSERT INTO job (id, state, progress, predicted_timestep, options, input_format, input_bytes, width, height, input_hash,
                        output_format, output_bytes, output_hash, stage_seconds, created_ms, started_ms, finished_ms, attempts, worker,
                        problem_type, problem_detail, content_key, model_hash, reused_from, key_id)
                    SELECT printf('0%025d', i), IIF(i % 97 = 0, 'failed', 'succeeded'), 1, (i * 7919) % 900,
                        '{"format":null,"metadata":"keep","preview":null,"quality":null,"strength":1}', 'jpeg', 500000, 1280, 720,
                        printf('%064d', i), 'jpeg', IIF(i % 97 = 0, NULL, 400000), printf('%064d', i),
                        '{"decode":0.01,"diffusion":1.2,"encode":0.02,"kernels":0.1,"total":1.4}',
                        :end - (:count - i) * :step, :end - (:count - i) * :step + 10, :end - (:count - i) * :step + 1400, 1, 'worker 1',
                        IIF(i % 97 = 0, 'internal_error', NULL), IIF(i % 97 = 0, 'x', NULL), printf('c%063d', i), 'abcdef',
                        IIF(i % 11 = 0 OR i > :count - 90000, printf('0%025d', 1), NULL), printf('k%02d', i % 100)
                    FROM n
                    """,
                arguments: ["first": first, "last": min(first + batch, count), "end": end, "count": count, "step": step])
        }
    }
    try queue.write { db in
        try db.execute(
            sql: """
                INSERT INTO webhook_delivery (id, job_id, url, event, state, created_ms, next_attempt_ms)
                SELECT 'msg_' || id, id, 'https://example.org/hook', 'job.succeeded', IIF(sequence % 20 = 0, 'pending', 'delivered'), created_ms,
                    IIF(sequence % 20 = 0, created_ms, NULL)
                FROM job WHERE sequence % 5 = 0
                """)
    }
    try queue.close()
}
