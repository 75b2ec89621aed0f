using System.Runtime.CompilerServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

public sealed class StructTests
{
    [Fact]
    public void Every_struct_has_the_size_of_the_kernels_header()
    {
        Assert.Equal(40, Unsafe.SizeOf<InHeader>());
        Assert.Equal(16, Unsafe.SizeOf<OutHeader>());
        Assert.Equal(64, Unsafe.SizeOf<InitIn>());
        Assert.Equal(64, Unsafe.SizeOf<InitOut>());
        Assert.Equal(8, Unsafe.SizeOf<InterruptIn>());
        Assert.Equal(88, Unsafe.SizeOf<Attr>());
        Assert.Equal(128, Unsafe.SizeOf<EntryOut>());
        Assert.Equal(104, Unsafe.SizeOf<AttrOut>());
        Assert.Equal(16, Unsafe.SizeOf<GetattrIn>());
        Assert.Equal(88, Unsafe.SizeOf<SetattrIn>());
        Assert.Equal(80, Unsafe.SizeOf<Kstatfs>());
        Assert.Equal(8, Unsafe.SizeOf<ForgetIn>());
        Assert.Equal(8, Unsafe.SizeOf<BatchForgetIn>());
        Assert.Equal(16, Unsafe.SizeOf<ForgetOne>());
        Assert.Equal(16, Unsafe.SizeOf<MknodIn>());
        Assert.Equal(8, Unsafe.SizeOf<MkdirIn>());
        Assert.Equal(8, Unsafe.SizeOf<RenameIn>());
        Assert.Equal(16, Unsafe.SizeOf<Rename2In>());
        Assert.Equal(8, Unsafe.SizeOf<LinkIn>());
        Assert.Equal(16, Unsafe.SizeOf<CreateIn>());
        Assert.Equal(24, Unsafe.SizeOf<Dirent>());
        Assert.Equal(8, Unsafe.SizeOf<OpenIn>());
        Assert.Equal(16, Unsafe.SizeOf<OpenOut>());
        Assert.Equal(24, Unsafe.SizeOf<ReleaseIn>());
        Assert.Equal(24, Unsafe.SizeOf<FlushIn>());
        Assert.Equal(16, Unsafe.SizeOf<FsyncIn>());
        Assert.Equal(40, Unsafe.SizeOf<ReadIn>());
        Assert.Equal(40, Unsafe.SizeOf<WriteIn>());
        Assert.Equal(8, Unsafe.SizeOf<WriteOut>());
        Assert.Equal(24, Unsafe.SizeOf<PollIn>());
        Assert.Equal(8, Unsafe.SizeOf<PollOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyInvalInodeOut>());
        Assert.Equal(16, Unsafe.SizeOf<NotifyInvalEntryOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyDeleteOut>());
        Assert.Equal(8, Unsafe.SizeOf<NotifyPollWakeupOut>());
    }
}
