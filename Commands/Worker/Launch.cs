using TriggerFs.Commands.Worker.Groups;

namespace TriggerFs.Commands.Worker;

/// <summary>What of a program's standard input there is.</summary>
enum InputKind : byte
{
    /// <summary>Nothing: <c>/dev/null</c>.</summary>
    None,

    /// <summary>A message, and then its end.</summary>
    Message,

    /// <summary>A pipe that stays open.</summary>
    Open,
}

/// <summary>A program to run, as its plugin says.</summary>
/// <param name="Path">The program's file.</param>
/// <param name="Arguments">Its arguments, the first being its own name.</param>
sealed record ProgramStart(string Path, StringBlock Arguments)
{
    /// <summary>
    /// What it finds at descriptors 3, 4, …: a command too long for an argument, or secrets.
    /// </summary>
    public byte[][] Handed { get; init; } = [];

    public InputKind Input { get; init; }

    /// <summary>The message, for <see cref="InputKind.Message"/>.</summary>
    public byte[] Message { get; init; } = [];
}

/// <summary>One program to start, and what became of it.</summary>
/// <param name="Start">What to start.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="Folder">The folder to start it in; null for the worker's own.</param>
/// <param name="Confinement">Under which limits it runs; null for the worker's own.</param>
/// <param name="Groups">Where it gets a control group of its own; null for none.</param>
sealed record Launch(
    ProgramStart Start,
    StringBlock Environment,
    string? Folder = null,
    Confinement? Confinement = null,
    ControlGroups? Groups = null)
{
    /// <summary>The control group that it is in; null when there is none.</summary>
    public string? Group { get; set; }

    /// <summary>Why it was not started; 0 when it was.</summary>
    public int Errno { get; set; }

    /// <summary>The process, which is also the leader of its session and of its process group.</summary>
    public int Pid { get; set; }

    /// <summary>Readable once the process has ended; negative where the kernel has no such thing.</summary>
    public int PidFd { get; set; } = -1;

    /// <summary>The end to write of its standard input; does not block; negative when it has none.</summary>
    public int InFd { get; set; } = -1;

    /// <summary>The end to read of its standard output; does not block.</summary>
    public int OutFd { get; set; } = -1;

    /// <summary>The end to read of its standard error; does not block.</summary>
    public int ErrFd { get; set; } = -1;
}
