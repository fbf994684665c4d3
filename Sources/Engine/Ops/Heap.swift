import CLoops

/// The process's heap, from which every tensor comes.
enum Heap {
    /// From now on what a layer frees is kept for the next one.
    static func keepFreedMemory() { loop_keep_freed_memory() }

    /// What is free goes back to Linux: when a picture is done.
    static func giveBack() { loop_give_back_freed_memory() }
}
