using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Tests.Fs;

/// <summary>System calls on a real mount that hardly any shell makes, one by one, with the errno of each.</summary>
public sealed class SystemCallTests
{
    private const string Preamble = """
        import array, ctypes, errno, fcntl, mmap, os, platform, select, sys
        libc = ctypes.CDLL(None, use_errno=True)
        def told(name, call):
            try: print(name, call())
            except OSError as problem: print(name, errno.errorcode[problem.errno])
            except ValueError as problem: print(name, problem)
        def checked(result):
            if result < 0: raise OSError(ctypes.get_errno(), '')
            return result
        def renameat2(old, new, flags):
            number = {'x86_64': 316, 'aarch64': 276}[platform.machine()]
            return checked(libc.syscall(number, -100, old, -100, new, flags))
        """;

    private static readonly TreeNode[] Demo =
    [
        Nodes.Directory(2, 1, "d"), Nodes.Trigger(3, 2, "t"), Nodes.Trigger(4, 2, "u"), Nodes.Directory(5, 1, "e"),
    ];

    [SkippableFact]
    public void Offsets_sizes_and_times_mean_nothing_and_harm_nothing()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal("""
            seek 1000
            end 0
            pwrite 1
            writev 4
            truncate None
            ftruncate None
            utime None
            empty 0
            size 0

            """, Python(mount, """
            file = os.open('d/t', os.O_RDWR | os.O_APPEND | os.O_SYNC | os.O_TRUNC)
            told('seek', lambda: os.lseek(file, 1000, os.SEEK_SET))
            told('end', lambda: os.lseek(file, 0, os.SEEK_END))
            told('pwrite', lambda: os.pwrite(file, b'a', 12345))
            told('writev', lambda: os.writev(file, [b'bc', b'de']))
            told('truncate', lambda: os.truncate('d/t', 1 << 40))
            told('ftruncate', lambda: os.ftruncate(file, 0))
            told('utime', lambda: os.utime('d/t', (1, 1)))
            told('empty', lambda: os.write(file, b''))
            told('size', lambda: os.stat('d/t').st_size)
            """));
        Assert.Equal(["a", "bcde"], mount.Sink.Texts);
        Assert.Empty(mount.Sink.Changes);
    }

    /// <summary>The kernel hands over no more than so many pages at once, each piece taking at least one.</summary>
    [SkippableFact]
    public void A_write_is_whole_wherever_its_buffer_begins_and_in_so_many_pieces_as_the_kernel_takes_at_once()
    {
        using var mount = RealMount.Make(Demo);
        int whole = mount.Session.FileSystem.Options.WholeWriteMax, pages = mount.Session.FileSystem.Options.Pages;
        (int few, int many) = ((pages - 10) * 100, (pages + 10) * 100);
        Assert.Equal($"unaligned {whole}\nfew {few}\nmany {many}\n", Python(mount, $"""
            file = os.open('d/t', os.O_WRONLY)
            buffer = memoryview(mmap.mmap(-1, {whole} + mmap.PAGESIZE))
            told('unaligned', lambda: os.write(file, buffer[1:{whole} + 1]))
            told('few', lambda: os.writev(file, [buffer[:100]] * {pages - 10}))
            told('many', lambda: os.writev(file, [buffer[:100]] * {pages + 10}))
            """));
        int[] lengths = [.. mount.Sink.Fired.Select(fired => fired.Payload.Length)];
        Assert.Equal([whole, few], lengths[..2]);
        Assert.Equal(many, lengths[2..].Sum()); // Cut by the kernel, where nobody can see it.
    }

    [SkippableFact]
    public void What_a_trigger_has_not_is_refused_as_the_manual_pages_say()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal("""
            terminal False
            data ENXIO
            hole ENXIO
            allocate ENOTSUP
            nameless ENOTSUP
            shared ENODEV
            private 4096
            copy EXDEV
            readlink EINVAL
            label ENOTSUP
            acl ENOTSUP

            """, Python(mount, """
            file = os.open('d/t', os.O_RDWR)
            told('terminal', lambda: os.isatty(file))
            told('data', lambda: os.lseek(file, 0, os.SEEK_DATA))
            told('hole', lambda: os.lseek(file, 0, os.SEEK_HOLE))
            libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
            told('allocate', lambda: checked(libc.fallocate(file, 0, 0, 10)))
            told('nameless', lambda: os.open('d', os.O_TMPFILE | os.O_RDWR))
            def map(flags):
                libc.mmap.restype = ctypes.c_void_p
                libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
                at = libc.mmap(None, 4096, 3, flags, file, 0)
                if at == ctypes.c_void_p(-1).value: raise OSError(ctypes.get_errno(), '')
                return 4096
            told('shared', lambda: map(1))
            told('private', lambda: map(2))
            source = os.open('/etc/hostname', os.O_RDONLY)
            told('copy', lambda: os.copy_file_range(source, file, 10))
            told('readlink', lambda: os.readlink('d/t'))
            told('label', lambda: os.getxattr('d/t', 'security.selinux'))
            told('acl', lambda: os.setxattr('d/t', 'system.posix_acl_access', b'x' * 28))
            """));
        Assert.Empty(mount.Sink.Fired);
    }

    [SkippableFact]
    public void Locks_are_the_kernels_own()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal("""
            lock None
            again EAGAIN
            range None
            lease None

            """, Python(mount, """
            one, two = os.open('d/t', os.O_RDWR), os.open('d/t', os.O_RDWR)
            told('lock', lambda: fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB))
            told('again', lambda: fcntl.flock(two, fcntl.LOCK_EX | fcntl.LOCK_NB))
            told('range', lambda: fcntl.lockf(one, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 5))
            told('lease', lambda: fcntl.lockf(one, fcntl.LOCK_UN, 10, 5))
            """));
        Assert.Empty(mount.Sink.Fired);
    }

    [SkippableFact]
    public void A_poll_wakes_up_when_the_answer_comes()
    {
        using var mount = RealMount.Make(Demo);
        mount.Sink.OnFire = (_, _, message) =>
        {
            message.Taken();
            _ = Task.Delay(200).ContinueWith(_ =>
            {
                message.Output("out"u8, isError: false);
                message.Ended(null, 0);
            });
        };
        Assert.Equal("""
            before [4]
            after [(4, 5)]
            read b'out'

            """, Python(mount, """
            file = os.open('d/t', os.O_RDWR)
            os.write(file, b'x')
            poll = select.poll()
            poll.register(file, select.POLLIN | select.POLLOUT)
            print('before', [events & (select.POLLIN | select.POLLOUT) for _, events in poll.poll(0)])
            poll.modify(file, select.POLLIN)
            poll.poll(10_000)
            poll.modify(file, select.POLLIN | select.POLLOUT)
            print('after', [(4, events & 5) for _, events in poll.poll(0)])
            print('read', os.read(file, 100))
            """));
    }

    [SkippableFact]
    public void Renames_are_as_rename2_says_or_EINVAL()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal("""
            over EEXIST
            noreplace EEXIST
            exchange EINVAL
            whiteout EINVAL
            both EINVAL
            into itself EINVAL
            root EPERM
            missing ENOENT
            same None
            moved 0

            """, Python(mount, """
            told('over', lambda: os.rename('d/t', 'd/u'))
            told('noreplace', lambda: renameat2(b'd/t', b'd/u', 1))
            told('exchange', lambda: renameat2(b'd/t', b'd/u', 2))
            told('whiteout', lambda: renameat2(b'd/t', b'd/v', 4))
            told('both', lambda: renameat2(b'd/t', b'd/u', 3))
            told('into itself', lambda: os.rename('d', 'd/d'))
            told('root', lambda: os.rename('d/t', 't'))
            told('missing', lambda: os.rename('d/nothing', 'd/v'))
            told('same', lambda: os.rename('d/t', 'd/t'))
            told('moved', lambda: renameat2(b'd/t', b'e/v', 1))
            """));
        Assert.Equal(new TreeChange.Rename(new(3), new(5), "v"), Assert.Single(mount.Sink.Changes));
    }

    [SkippableFact]
    public void Names_are_any_UTF8_of_up_to_255_bytes_and_nothing_else()
    {
        using var mount = RealMount.Make(Demo);
        Assert.Equal("""
            äöü None
            日本語 None
            🎉 None
            a b None
            255 None
            256 ENAMETOOLONG
            broken EINVAL
            cut EINVAL
            surrogate EINVAL
            newline EINVAL
            escape EINVAL
            delete EINVAL
            hidden EPERM
            look ENAMETOOLONG
            all 6

            """, Python(mount, """
            for name in ['äöü', '日本語', '🎉', 'a b']: told(name, lambda: os.mkdir('d/' + name))
            told('255', lambda: os.mkdir('d/' + 'é' * 127 + 'x'))
            told('256', lambda: os.mkdir('d/' + 'é' * 128))
            told('broken', lambda: os.mkdir(b'd/\xff\xfe'))
            told('cut', lambda: os.mkdir(b'd/\xc3'))
            told('surrogate', lambda: os.mkdir(b'd/\xed\xa0\x80'))
            told('newline', lambda: os.mkdir('d/a\nb'))
            told('escape', lambda: os.mkdir('d/\x1b[2J'))
            told('delete', lambda: os.mkdir('d/\x7f'))
            told('hidden', lambda: os.mkdir('d/.git'))
            told('look', lambda: os.stat('d/' + 'x' * 256))
            print('all', len(os.listdir('d')) - 1)
            """));
    }

    [SkippableFact]
    public void Permission_bits_are_kept_and_set_id_bits_are_not()
    {
        using var mount = RealMount.Make(Demo);
        RealMount.Outcome run = mount.Run("""
            chmod 4755 d/t; stat -c %a d/t; chmod 0 d/u; stat -c %a d/u; chmod 1777 e; stat -c %a e
            echo copied > $B/x; chmod 640 $B/x; cp -a $B/x d/t; stat -c %a d/t
            """);
        Assert.Equal("755\n0\n777\n640\n", run.Out);
        Assert.Equal(["copied\n"], mount.Sink.Texts);
    }

    private static string Python(RealMount mount, string script)
    {
        Skip.If(mount.Run("[ -x /usr/bin/python3 ]").Exit != 0, "there is no python3: apt install python3");
        File.WriteAllText(Path.Combine(mount.Beside, "script.py"), $"{Preamble}\n{script}\n");
        RealMount.Outcome run = mount.Run("/usr/bin/python3 $B/script.py");
        Assert.Equal("", run.Error);
        return run.Out;
    }
}
