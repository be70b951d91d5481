using System.ComponentModel;
using System.Diagnostics;

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
