using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>What a running server writes into <c>postmaster.pid</c> of its data directory, line by line.</summary>
internal sealed record PostmasterFile(string Path, int ProcessId, string DataDirectory, int Port, string SocketFolder, string ListenAddress)
{
    public string Host => ListenAddress.Length > 0 ? ListenAddress : SocketFolder;

    public string Address => $"{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    public static string In(string data) => System.IO.Path.Combine(data, "postmaster.pid");

    /// <returns>Null when there is no such file or the server has only begun to write it.</returns>
    public static PostmasterFile? Read(string data)
    {
        try
        {
            var lines = File.ReadAllLines(In(data));
            return lines.Length >= 6
                ? new PostmasterFile(In(data), Number(lines[0]), lines[1], Number(lines[3]), lines[4].Trim(), lines[5].Trim())
                : null;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the process is this server. After a crash or a new start of the machine another program may have its process id, so
    /// on Linux we look whether that process works in our data directory: its pid file is then the one we read.
    /// </summary>
    public bool ServerIsAlive()
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (process.ProcessName != "postgres" || process.HasExited)
                return false;
        }
        catch (ArgumentException)
        {
            return false;
        }
        return !OperatingSystem.IsLinux() || IsWorkingHere();
    }

    public string ConnectionString(string user, string password, string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = user,
        Password = password,
        Database = database,
        // The connection does not leave the machine; asking for encryption would cost two more messages each time.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    private bool IsWorkingHere()
    {
        try
        {
            return File.ReadAllText($"/proc/{ProcessId}/cwd/postmaster.pid") == File.ReadAllText(Path);
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // Gone meanwhile, or somebody else's: this app's server runs as this app's user, unless we are root and may look anyway.
            return false;
        }
    }

    private static int Number(string line) => int.Parse(line, CultureInfo.InvariantCulture);
}
