using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The result of one run of a PostgreSQL program: its exit code, and its standard output and error.</summary>
internal sealed record ServerProgram(int ExitCode, string Output)
{
    /// <summary>Runs a program to its end; cancellation kills it.</summary>
    /// <param name="account">The account to run as; null for the app's own user.</param>
    /// <exception cref="EmbeddedServerException">The program cannot be started.</exception>
    public static async Task<ServerProgram> Run(
        string program, IEnumerable<string> arguments, ServerAccount? account, CancellationToken cancellation)
    {
        using var process = Launch(CreateStartInfo(program, arguments, account));
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

    private static ProcessStartInfo CreateStartInfo(string program, IEnumerable<string> arguments, ServerAccount? account)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // The caller's PG* variables would select another server, and its locale would translate the messages.
        foreach (var name in start.Environment.Keys.Where(IsInheritedSetting).ToList())
            start.Environment.Remove(name);
        start.Environment["LC_ALL"] = "C";

        // Another account may have no access to the caller's working directory and home.
        if (!OperatingSystem.IsWindows())
            start.WorkingDirectory = "/";
        if (account is not null)
        {
            start.UserName = account.Name;
            start.Environment["HOME"] = "/";
        }
        return start;
    }

    private static bool IsInheritedSetting(string variable) =>
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
                $"{start.FileName} could not be started{account}: {FailureText.OfFile(cause)}. " + EmbeddedServerException.OwnServerAdvice, cause);
        }
    }
}

/// <summary>The account that runs the server if the app runs as root, because PostgreSQL does not run as root.</summary>
internal sealed record ServerAccount(string Name, uint UserId, uint GroupId)
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    public static bool MustSwitch => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The account to switch to.</summary>
    /// <returns>Null if the server runs as the app's own user.</returns>
    /// <exception cref="EmbeddedServerException">The app runs as root and there is no account to switch to.</exception>
    public static ServerAccount? ForThisProcess() => MustSwitch ? Choose(File.ReadAllLines("/etc/passwd")) : null;

    /// <summary>Chooses the first of the accounts postgres and nobody that exists and is not root.</summary>
    /// <param name="accounts">Lines in the format of <c>/etc/passwd</c>: <c>name:password:uid:gid:…</c>.</param>
    internal static ServerAccount Choose(IReadOnlyList<string> accounts)
    {
        foreach (var name in Candidates)
        {
            var fields = accounts.Select(line => line.Split(':')).FirstOrDefault(fields => fields[0] == name && fields.Length > 3);
            if (fields is not null && TryId(fields[2], out var user) && user != 0 && TryId(fields[3], out var group))
                return new ServerAccount(name, user, group);
        }
        throw new EmbeddedServerException(
            "The app runs as root, PostgreSQL does not run as root, and there is no account to switch to: /etc/passwd contains neither " +
            $"{string.Join(" nor ", Candidates)}. Add one of them, or start the app as an ordinary user. " +
            EmbeddedServerException.OwnServerAdvice);
    }

    /// <summary>Makes this account the owner of the file or folder.</summary>
    public void SetOwner(string path)
    {
        if (chown(path, UserId, GroupId) != 0)
            throw new EmbeddedServerException(
                $"The owner of {path} could not be changed to {Name}: {FailureText.OfFile(new Win32Exception(Marshal.GetLastPInvokeError()))}. " +
                "Set another folder with Titanic__DataDirectory.");
    }

    /// <summary>
    /// Whether this account can access the path. It runs test(1) as this account, which considers parent folders, ACLs and mounts.
    /// </summary>
    public async Task<bool> CanReach(string path, CancellationToken cancellation) =>
        (await ServerProgram.Run("/usr/bin/test", ["-x", path], this, cancellation)).ExitCode == 0;

    // Some systems write IDs of 2^31 and more as negative numbers (nobody is -2 on macOS).
    private static bool TryId(string text, out uint id)
    {
        var parsed = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        id = unchecked((uint)number);
        return parsed;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
