#!/usr/bin/env python3
"""A file system that keeps only what was fsynced: durablefs.py FOLDER MOUNT.

It shows the files of FOLDER at MOUNT, and holds all changes in memory. Whoever writes a folder's path into MOUNT/.cut gets there what a
loss of power at that moment would leave; "random " before the path lets some of what was not fsynced survive too.

Contents and names are apart, as POSIX has it: fsync of a file keeps its bytes, fsync of a folder the names in it. Changes of names survive
in the order in which they were made, as every file system with a journal does it.
"""

import errno
import os
import pathlib
import random
import stat
import sys
import time

import mfusepy

PAGE = 4_096


class Inode:
    def __init__(self, mode, data=b""):
        self.mode, self.data, self.durable = mode, bytearray(data), bytes(data)
        self.changed = time.time_ns()

    @property
    def is_folder(self):
        return stat.S_ISDIR(self.mode)


class DurableFS(mfusepy.Operations):
    use_ns = True

    def __init__(self, folder):
        self.names = {"/": Inode(stat.S_IFDIR | 0o700)}
        for path in sorted(pathlib.Path(folder).rglob("*")):
            inode = Inode(stat.S_IFDIR | 0o700) if path.is_dir() else Inode(stat.S_IFREG | 0o600, path.read_bytes())
            self.names["/" + str(path.relative_to(folder))] = inode
        self.durable = dict(self.names)
        # Changes of names that no fsync of a folder has covered: [(path, inode or None), ...] each, those of one call together.
        self.pending = []
        self.files, self.last = {}, 0

    # Names

    def find(self, path):
        if path not in self.names:
            raise mfusepy.FuseOSError(errno.ENOENT)
        return self.names[path]

    def change(self, *changes):
        for path, inode in changes:
            if inode is None:
                self.names.pop(path, None)
            else:
                self.names[path] = inode
        self.pending.append(changes)

    def getattr(self, path, fh=None):
        inode = self.files[fh] if fh in self.files else self.find(path)
        links = sum(other is inode for other in self.names.values())
        return {"st_mode": inode.mode, "st_nlink": max(links, 1), "st_size": len(inode.data), "st_uid": os.getuid(), "st_gid": os.getgid(),
                "st_mtime": inode.changed, "st_ctime": inode.changed, "st_atime": inode.changed, "st_ino": id(inode) & 0x7FFFFFFF}

    def readdir(self, path, fh):
        prefix = path.rstrip("/") + "/"
        return [".", ".."] + [n[len(prefix):] for n in self.names if n.startswith(prefix) and n != "/" and "/" not in n[len(prefix):]]

    def mkdir(self, path, mode):
        if path in self.names:
            raise mfusepy.FuseOSError(errno.EEXIST)
        self.change((path, Inode(stat.S_IFDIR | mode)))

    def rmdir(self, path):
        self.change((path, None))

    def unlink(self, path):
        self.find(path)
        self.change((path, None))

    def rename(self, old, new):
        inode = self.find(old)
        moved = [(old, None), (new, inode)]
        for name in [n for n in self.names if n.startswith(old + "/")]:
            moved += [(name, None), (new + name[len(old):], self.names[name])]
        self.change(*moved)

    def link(self, target, source):
        if target in self.names:
            raise mfusepy.FuseOSError(errno.EEXIST)
        self.change((target, self.find(source)))

    def chmod(self, path, mode):
        inode = self.find(path)
        inode.mode = stat.S_IFMT(inode.mode) | stat.S_IMODE(mode)

    def chown(self, path, uid, gid):
        pass

    def utimens(self, path, times=None):
        pass

    def statfs(self, path):
        return {"f_bsize": PAGE, "f_frsize": PAGE, "f_blocks": 1 << 22, "f_bfree": 1 << 21, "f_bavail": 1 << 21, "f_namemax": 255}

    # Contents

    def opened(self, inode):
        self.last += 1
        self.files[self.last] = inode
        return self.last

    def create(self, path, mode, fi=None):
        if path == "/.cut":
            return self.opened(Inode(stat.S_IFREG | 0o600))
        inode = Inode(stat.S_IFREG | mode)
        self.change((path, inode))
        return self.opened(inode)

    def open(self, path, flags):
        inode = self.find(path)
        if flags & os.O_TRUNC:
            inode.data = bytearray()
        return self.opened(inode)

    def read(self, path, size, offset, fh):
        return bytes(self.files[fh].data[offset:offset + size])

    def write(self, path, data, offset, fh):
        if path == "/.cut":
            how, _, folder = data.decode().strip().rpartition(" ")
            self.cut(pathlib.Path(folder), how == "random")
            return len(data)
        inode = self.files[fh]
        if offset > len(inode.data):
            inode.data.extend(bytes(offset - len(inode.data)))
        inode.data[offset:offset + len(data)] = data
        inode.changed = time.time_ns()
        return len(data)

    def truncate(self, path, length, fh=None):
        inode = self.files[fh] if fh in self.files else self.find(path)
        inode.data = inode.data[:length] + bytes(max(0, length - len(inode.data)))

    def flush(self, path, fh):
        pass

    def release(self, path, fh):
        self.files.pop(fh, None)

    def fsync(self, path, datasync, fh):
        inode = self.files[fh] if fh in self.files else self.find(path)
        if inode.is_folder:
            return self.fsyncdir(path, datasync, fh)
        inode.durable = bytes(inode.data)

    def fsyncdir(self, path, datasync, fh):
        kept = []
        for changes in self.pending:
            if any(os.path.dirname(name) == path.rstrip("/") or os.path.dirname(name) == path for name, _ in changes):
                self.keep(self.durable, changes)
            else:
                kept.append(changes)
        self.pending = kept

    @staticmethod
    def keep(names, changes):
        for path, inode in changes:
            if inode is None:
                names.pop(path, None)
            else:
                names[path] = inode

    # Loss of power

    def cut(self, folder, is_random):
        names = dict(self.durable)
        for changes in self.pending[:random.randint(0, len(self.pending)) if is_random else 0]:
            self.keep(names, changes)
        folder.mkdir(parents=True)
        left = {}
        for path in sorted(names):
            target = folder / path.lstrip("/")
            # A name in a folder whose own name was not kept is nowhere.
            if path == "/" or not target.parent.is_dir():
                continue
            inode = names[path]
            if inode.is_folder:
                target.mkdir(mode=0o700)
            elif inode in left:
                os.link(left[inode], target)
            else:
                target.write_bytes(self.surviving(inode) if is_random else inode.durable)
                target.chmod(0o600)
                left[inode] = target

    @staticmethod
    def surviving(inode):
        """Each page as it was fsynced or as it was written last."""
        live, durable = bytes(inode.data), inode.durable
        length = random.choice((len(live), len(durable)))
        pages = (random.choice((live, durable))[at:at + PAGE].ljust(PAGE, b"\0") for at in range(0, length, PAGE))
        return b"".join(pages)[:length]


if __name__ == "__main__":
    mfusepy.FUSE(DurableFS(sys.argv[1]), sys.argv[2], foreground=True, nothreads=True, default_permissions=True)
