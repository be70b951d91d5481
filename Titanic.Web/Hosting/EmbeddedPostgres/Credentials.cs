using System.Security.Cryptography;
using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>The random passwords of a database cluster, in a file that only the app's user can read.</summary>
internal sealed record Credentials(string AdministratorPassword, string AppPassword)
{
    public const string Administrator = "postgres";

    public const string App = "titanic";

    /// <summary>128 random bits each, in hexadecimal digits: safe inside SQL and connection strings.</summary>
    public static Credentials Create() => new(RandomNumberGenerator.GetHexString(32, true), RandomNumberGenerator.GetHexString(32, true));

    public static Credentials Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<Credentials>(File.ReadAllText(file)) ?? throw new JsonException("the file says null.");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EmbeddedServerException(
                $"The passwords of the embedded PostgreSQL server cannot be read from {file}: {cause.Message} Without them the data " +
                "beside it cannot be opened. Restore the file, or move the whole folder away to start empty. " +
                EmbeddedServerException.OwnServerAdvice, cause);
        }
    }

    /// <summary>Readable by nobody else at any moment, and either whole or not there.</summary>
    public void Write(string file)
    {
        var unfinished = file + ".new";
        File.Delete(unfinished);
        WritePrivate(unfinished, JsonSerializer.Serialize(this));
        File.Move(unfinished, file, overwrite: true);
    }

    public static void WritePrivate(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
