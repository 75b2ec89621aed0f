namespace TriggerFs.Fs;

/// <summary>Where replies that come later, and notifications, go to the kernel. From any thread.</summary>
interface IKernelReplies
{
    /// <summary>
    /// Hands one whole reply or notification over. ENOENT is normal: the request was interrupted, or nobody has in a
    /// cache what the notification is about.
    /// </summary>
    Errno Send(ReadOnlySpan<byte> message);
}
