/*
 * nullfs MOUNTPOINT [-s]: the least that a file system in C on libfuse can do, to measure ours against: a directory d with the
 * files t0 to t3, whose writes are taken and thrown away. As ours: direct I/O, no FLUSH, default_permissions, names and
 * attributes cached for a minute. Threads as libfuse has them, or one with -s. Prints READY when it is mounted.
 */
#define FUSE_USE_VERSION 34
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <string.h>

enum { ROOT = FUSE_ROOT_ID, DIRECTORY = 2, FIRST = 3, FILES = 4 };

static void describe(fuse_ino_t ino, struct stat *attr)
{
    memset(attr, 0, sizeof *attr);
    attr->st_ino = ino;
    attr->st_mode = ino < FIRST ? S_IFDIR | 0755 : S_IFREG | 0644;
    attr->st_nlink = ino < FIRST ? 2 : 1;
    attr->st_blksize = 512 * 1024;
}

static void lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
    struct fuse_entry_param entry = { .attr_timeout = 60, .entry_timeout = 60 };
    if (parent == ROOT && strcmp(name, "d") == 0)
        entry.ino = DIRECTORY;
    else if (parent == DIRECTORY && name[0] == 't' && name[1] >= '0' && name[1] < '0' + FILES && name[2] == 0)
        entry.ino = FIRST + (name[1] - '0');
    if (entry.ino != 0)
        describe(entry.ino, &entry.attr);
    fuse_reply_entry(request, &entry);
}

static void get_attributes(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
    struct stat attr;
    (void)file;
    describe(ino, &attr);
    fuse_reply_attr(request, &attr, 60);
}

static void set_attributes(fuse_req_t request, fuse_ino_t ino, struct stat *wanted, int which, struct fuse_file_info *file)
{
    (void)wanted;
    (void)which;
    get_attributes(request, ino, file);
}

static void open_file(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
    (void)ino;
    file->direct_io = 1;
    file->noflush = 1;
    fuse_reply_open(request, file);
}

static void write_bytes(
    fuse_req_t request, fuse_ino_t ino, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file)
{
    (void)ino;
    (void)bytes;
    (void)offset;
    (void)file;
    fuse_reply_write(request, size);
}

static void release_file(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
    (void)ino;
    (void)file;
    fuse_reply_err(request, 0);
}

static void started(void *data, struct fuse_conn_info *connection)
{
    (void)data;
    (void)connection;
    puts("READY");
    fflush(stdout);
}

static const struct fuse_lowlevel_ops operations = {
    .init = started,
    .lookup = lookup,
    .getattr = get_attributes,
    .setattr = set_attributes,
    .open = open_file,
    .write = write_bytes,
    .release = release_file,
};

int main(int count, char **words)
{
    if (count < 2)
        return 2;
    int is_single = count > 2 && strcmp(words[2], "-s") == 0;
    char *options[] = { words[0], "-o", "default_permissions,fsname=nullfs" };
    struct fuse_args arguments = FUSE_ARGS_INIT(3, options);
    struct fuse_session *session = fuse_session_new(&arguments, &operations, sizeof operations, NULL);
    if (session == NULL || fuse_set_signal_handlers(session) != 0 || fuse_session_mount(session, words[1]) != 0)
        return 1;
    struct fuse_loop_config threads = { .clone_fd = 0, .max_idle_threads = 10 };
    int status = is_single ? fuse_session_loop(session) : fuse_session_loop_mt(session, &threads);
    fuse_session_unmount(session);
    fuse_session_destroy(session);
    return status != 0;
}
