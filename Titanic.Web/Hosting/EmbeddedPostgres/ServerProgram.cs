using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>One run of a program of PostgreSQL: its exit code and what it wrote.</summary>
internal sealed record ServerProgram(int ExitCode, string Output)
{
    /// <param name="account">The account to run as; null for the app's own user.</param>
    public static async Task<ServerProgram> Run(
        string program, IEnumerable<string> arguments, ServerAccount? account, CancellationToken cancellation)
    {
        using var process = Launch(Describe(program, arguments, account));
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return new ServerProgram(process.ExitCode, (await output + await errors).Trim());
        }
        catch (OperationCanceledException) when (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static ProcessStartInfo Describe(string program, IEnumerable<string> arguments, ServerAccount? account)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // The caller's PG* variables would point the programs at another server, its locale would translate their messages.
        foreach (var name in start.Environment.Keys.Where(IsForeign).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";

        // Another account may be unable to enter the caller's working directory and home.
        if (!OperatingSystem.IsWindows())
            start.WorkingDirectory = "/";
        if (account is not null)
        {
            start.UserName = account.Name;
            start.Environment["HOME"] = "/";
        }
        return start;
    }

    private static bool IsForeign(string variable) =>
        variable.StartsWith("PG", StringComparison.Ordinal) || variable.StartsWith("LC_", StringComparison.Ordinal) || variable == "LANG";

    private static Process Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception cause)
        {
            var account = start.UserName is { Length: > 0 } name ? $" as the account {name}" : "";
            throw new EmbeddedServerException(
                $"{start.FileName} could not be started{account}: {cause.Message}. " + EmbeddedServerException.OwnServerAdvice, cause);
        }
    }
}

/// <summary>The account that runs the server when the app itself runs as root, which PostgreSQL refuses to do.</summary>
internal sealed record ServerAccount(string Name, uint UserId, uint GroupId)
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    public static bool MustSwitch => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <returns>Null where the server runs as the app's own user.</returns>
    public static ServerAccount? ForThisProcess() => MustSwitch ? Choose(File.ReadAllLines("/etc/passwd")) : null;

    /// <param name="accounts">Lines as of <c>/etc/passwd</c>: <c>name:password:uid:gid:…</c>.</param>
    internal static ServerAccount Choose(IReadOnlyList<string> accounts)
    {
        foreach (var name in Candidates)
        {
            var fields = accounts.Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name && fields.Length > 3);
            if (fields is not null && TryId(fields[2], out var user) && user != 0 && TryId(fields[3], out var group))
                return new ServerAccount(name, user, group);
        }
        throw new EmbeddedServerException(
            "The app runs as root, PostgreSQL refuses to, and there is no account to switch to: /etc/passwd names neither " +
            $"{string.Join(" nor ", Candidates)}. Add one of them or start the app as an ordinary user. " +
            EmbeddedServerException.OwnServerAdvice);
    }

    /// <summary>Gives the file or folder to this account.</summary>
    public void Own(string path)
    {
        if (chown(path, UserId, GroupId) != 0)
            throw new EmbeddedServerException(
                $"{path} could not be given to the account {Name}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}. " +
                "Choose another folder by Titanic__DataDirectory.");
    }

    /// <summary>Asks the operating system, which knows about every folder on the way, access lists and mounts.</summary>
    public async Task<bool> CanReach(string path, CancellationToken cancellation) =>
        (await ServerProgram.Run("/usr/bin/test", ["-x", path], this, cancellation)).ExitCode == 0;

    // Some systems write ids beyond 2^31 as negative numbers (nobody is -2 on macOS).
    private static bool TryId(string text, out uint id)
    {
        var parsed = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        id = unchecked((uint)number);
        return parsed;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
