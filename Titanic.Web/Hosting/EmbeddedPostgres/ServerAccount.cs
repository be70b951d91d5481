using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

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
