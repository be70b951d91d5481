using System.Diagnostics;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>
/// A shell that waits on a pipe from this process. The pipe closes when this process exits for any reason; the shell then stops the server
/// and deletes its folder. It runs as a grandchild, because tools that kill a test run kill its process tree.
/// </summary>
internal sealed class TestServerWatchdog : IDisposable
{
    private const string Script = """
        exec 3<&0
        (
          trap '' INT TERM HUP
          read -r line <&3
          tries=0
          while [ -d "$1" ] && [ "$tries" -lt 100 ]; do
            if [ -f "$1/data/postmaster.pid" ]; then
              kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" 2>/dev/null
              sleep 0.2
            fi
            rm -rf "$1" 2>/dev/null
            tries=$((tries + 1))
            sleep 0.1
          done
        ) >/dev/null 2>&1 </dev/null &
        """;

    private readonly StreamWriter _pipe;

    private TestServerWatchdog(StreamWriter pipe) => _pipe = pipe;

    /// <summary>Starts the watchdog; disposing the result closes the pipe.</summary>
    /// <param name="stateFolder">The state folder of an embedded server, which need not be running yet.</param>
    public static TestServerWatchdog Guard(string stateFolder)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", Script, "watchdog", stateFolder])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
        var pipe = shell.StandardInput;
        shell.WaitForExit();
        return new TestServerWatchdog(pipe);
    }

    public void Dispose() => _pipe.Dispose();
}
