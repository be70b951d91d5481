using System.Globalization;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Passengers": how much a file may demand of us before it is refused.</summary>
public sealed class PassengersOptions
{
    public const string Section = "Passengers";

    public const int MaximumRedirects = 5;

    public long MaximumFileSizeInBytes { get; set; } = 512L * 1024 * 1024;

    public int MaximumColumns { get; set; } = 100;

    /// <summary>Also the size of the read buffer: a file costs this much memory, however long it is.</summary>
    public int MaximumRecordLengthInCharacters { get; set; } = 64 * 1024;

    /// <summary>What a URL may make us wait for its answer, and again in sum for its body; our own work in between does not count.</summary>
    public TimeSpan DownloadTimeOut { get; set; } = TimeSpan.FromMinutes(5);
}

internal sealed class PassengersOptionsValidator : IValidateOptions<PassengersOptions>
{
    public ValidateOptionsResult Validate(string? name, PassengersOptions options)
    {
        List<string> failures = [];
        Require(options.MaximumFileSizeInBytes, "MaximumFileSizeInBytes", 1, 1L << 40);
        Require(options.MaximumColumns, "MaximumColumns", 7, 10_000);
        Require(options.MaximumRecordLengthInCharacters, "MaximumRecordLengthInCharacters", 1_000, 16 * 1024 * 1024);
        if (options.DownloadTimeOut <= TimeSpan.Zero || options.DownloadTimeOut > TimeSpan.FromDays(1))
        {
            failures.Add($"{PassengersOptions.Section}:DownloadTimeOut is {options.DownloadTimeOut:c}; "
                + "it must be longer than 00:00:00 and at most 1.00:00:00 (a day).");
        }
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Require(long seen, string setting, long least, long most)
        {
            if (seen < least || seen > most)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{PassengersOptions.Section}:{setting} is {seen}; it must be from {least} to {most}."));
            }
        }
    }
}
