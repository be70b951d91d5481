using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>Configuration section "Passengers": limits for imported files. A file that exceeds a limit is rejected.</summary>
public sealed class PassengersOptions
{
    public const string Section = "Passengers";

    /// <summary>Maximum number of HTTP redirects of a download.</summary>
    public const int MaximumRedirects = 5;

    /// <summary>Maximum size of a file, download or request body in bytes. Default: 512 MiB.</summary>
    [SettingRange(Section, 1, 1L << 40)]
    public long MaximumFileSizeInBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Maximum number of columns of a CSV file. Default: 100.</summary>
    [SettingRange(Section, 7, 10_000)]
    public int MaximumColumns { get; set; } = 100;

    /// <summary>
    /// Maximum length of one record. It is also the size of the read buffer, so it bounds the memory per file. Default: 65536.
    /// </summary>
    [SettingRange(Section, 1_000, 16 * 1024 * 1024)]
    public int MaximumRecordLengthInCharacters { get; set; } = 64 * 1024;

    /// <summary>
    /// Maximum time to wait for the response headers of a URL, and separately the maximum total time to wait for its body. Time spent
    /// processing rows does not count. Default: 5 minutes.
    /// </summary>
    [SettingRange(Section, "00:00:00.001", "1.00:00:00")]
    public TimeSpan DownloadTimeOut { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a URL may lead to private, loopback and link-local addresses, and downloads use the proxy of the environment. Default: false.
    /// </summary>
    public bool AllowPrivateAddresses { get; set; }
}

[OptionsValidator]
internal sealed partial class PassengersOptionsValidator : IValidateOptions<PassengersOptions>;
