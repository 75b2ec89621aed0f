namespace TriggerFs.Commands.Worker;

/// <summary>One program to start, and what became of it.</summary>
/// <param name="Path">The program's file.</param>
/// <param name="Arguments">Its arguments, the first being its own name.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="Script">Bytes that it finds at descriptor 3, or null; for a command too long for an argument.</param>
sealed record Launch(string Path, StringBlock Arguments, StringBlock Environment, byte[]? Script = null)
{
    /// <summary>Why it was not started; 0 when it was.</summary>
    public int Errno { get; set; }

    /// <summary>The process, which is also the leader of its session and of its process group.</summary>
    public int Pid { get; set; }

    /// <summary>Readable once the process has ended; negative where the kernel has no such thing.</summary>
    public int PidFd { get; set; } = -1;

    /// <summary>The end to read of its standard output; does not block.</summary>
    public int OutFd { get; set; } = -1;

    /// <summary>The end to read of its standard error; does not block.</summary>
    public int ErrFd { get; set; } = -1;
}
