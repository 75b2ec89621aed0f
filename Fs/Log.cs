using Microsoft.Extensions.Logging;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs;

/// <summary>What this module has to say to whoever runs the mount.</summary>
static partial class Log
{
    [LoggerMessage(Level = LogLevel.Error, Message = "internal: {Opcode} failed")]
    public static partial void HandlerFailed(ILogger log, Exception bug, Opcode opcode);

    [LoggerMessage(Level = LogLevel.Error, Message = "the kernel's FUSE protocol {Major}.{Minor} is too old; 7.31 "
        + "(Linux 5.4) is needed")]
    public static partial void KernelTooOld(ILogger log, uint major, uint minor);

    [LoggerMessage(Level = LogLevel.Debug, Message = "FUSE protocol 7.{Minor}, {Pages} pages in one request")]
    public static partial void Negotiated(ILogger log, uint minor, int pages);

    [LoggerMessage(
        Level = LogLevel.Debug, Message = "{Opcode} of node {Node}{Name} for process {Pid} of user {Uid}: {Errno}")]
    public static partial void Handled(
        ILogger log, Opcode opcode, ulong node, string name, uint pid, uint uid, Errno errno);

    [LoggerMessage(Level = LogLevel.Error, Message = "reading {Device} failed: {Error}")]
    public static partial void DeviceFailed(ILogger log, string device, Errno error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Old}' was renamed to '{New}' and then asked for again: "
        + "something rotates it like a log file. Writers of the old name now fail. Rename it back (mv '{New}' '{Old}') "
        + "and take it out of logrotate's list")]
    public static partial void RotatedAway(ILogger log, string old, string @new);

    [LoggerMessage(Level = LogLevel.Warning, Message = "LOST: {Bytes} bytes that '{Trigger}' kept for their newline or "
        + "their close could not be sent: {Error}")]
    public static partial void NotSent(ILogger log, int bytes, string trigger, Errno error);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "the broker made directory '{Name}' but did not show it in time")]
    public static partial void NotShown(ILogger log, string name);
}
