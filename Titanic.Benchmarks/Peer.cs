using System.Diagnostics;
using System.Globalization;

namespace Titanic.Benchmarks;

/// <summary>Runs other software for comparison: a program that prints names and numbers.</summary>
internal static class Peer
{
    /// <summary>The interpreter of the Debian packages.</summary>
    public const string Python = "/usr/bin/python3";

    /// <summary>The folder of the comparison programs in the output folder.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "peers");

    /// <summary>Runs a program to its end.</summary>
    /// <returns>
    /// The values printed as "name value" or "name=value", by name, in order; null if the program cannot be run, which is printed.
    /// </returns>
    public static async Task<ILookup<string, double>?> Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0)
                return Values(output);
            Console.WriteLine($"# not measured: {program} ended with exit code {process.ExitCode}: {(await errors).Trim().Split('\n')[^1]}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Console.WriteLine($"# not measured: {program} cannot be started: {missing.Message}");
        }
        return null;
    }

    private static ILookup<string, double> Values(string output)
    {
        var tokens = output.Split([' ', '=', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return tokens.Zip(tokens.Skip(1))
            .Where(pair => double.TryParse(pair.Second, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            .ToLookup(pair => pair.First, pair => double.Parse(pair.Second, CultureInfo.InvariantCulture));
    }
}
