namespace Titanic.Web.Hosting.EmbeddedPostgres;

internal static partial class EmbeddedServerLog
{
    [LoggerMessage(LogLevel.Information, "Creating a PostgreSQL database cluster in {DataFolder}")]
    public static partial void CreatingCluster(this ILogger logger, string dataFolder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL started with process id {ProcessId} at {Address} in {ElapsedMilliseconds} ms")]
    public static partial void Started(this ILogger logger, int processId, string address, long elapsedMilliseconds);

    [LoggerMessage(LogLevel.Information, "PostgreSQL was already running with process id {ProcessId} at {Address}")]
    public static partial void Reused(this ILogger logger, int processId, string address);

    [LoggerMessage(LogLevel.Warning, "Removed {File}: its process {ProcessId} is not this PostgreSQL server any more")]
    public static partial void RemovedStalePidFile(this ILogger logger, string file, int processId);

    [LoggerMessage(LogLevel.Information, "Port {Port} is in use by another program; PostgreSQL moves to port {NewPort}")]
    public static partial void PortTaken(this ILogger logger, int port, int newPort);

    [LoggerMessage(LogLevel.Information, "PostgreSQL of {StateFolder} stays up for its other users")]
    public static partial void LeftToOthers(this ILogger logger, string stateFolder);

    [LoggerMessage(LogLevel.Information, "PostgreSQL with process id {ProcessId} stopped")]
    public static partial void Stopped(this ILogger logger, int processId);

    [LoggerMessage(LogLevel.Warning, "PostgreSQL with process id {ProcessId} did not stop: {Output}")]
    public static partial void NotStopped(this ILogger logger, int processId, string output);
}
