using Titanic.Web.Tests.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Lifecycle.Archives;

namespace Titanic.Web.Tests.Hosting;

public sealed class ArchiveVerbsTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Without a state folder or a connection: the verb could not start a database.</summary>
    [Fact]
    public async Task An_archive_is_verified_line_by_line_without_a_database()
    {
        using var folder = TestFolder.Create();
        var (sound, broken) = (Path.Combine(folder.Path, "sound.zip"), Path.Combine(folder.Path, "broken.zip"));
        var archive = SampleArchive.Make();
        await File.WriteAllBytesAsync(sound, archive, Cancellation);
        await File.WriteAllBytesAsync(broken, archive[..^1], Cancellation);

        var (exitCode, output, _) = await ProductProcess.Run(null, "verify-archive", sound);
        var (brokenCode, brokenOutput, _) = await ProductInProcess.Run("verify-archive", broken);
        var (missingCode, _, missing) = await ProductInProcess.Run("verify-archive", Path.Combine(folder.Path, "missing.zip"));

        Assert.Equal((0, 9, 8), (exitCode, output.Split('\n').Length, output.Split('\n').Count(line => line.Contains(" ok ", StringComparison.Ordinal))));
        Assert.EndsWith("The archive holds.", output, StringComparison.Ordinal);
        Assert.Equal(1, brokenCode);
        Assert.Matches("^container +FAILED +The file of [0-9,]+ bytes has no zip end record.*\nThe archive does not hold.$", brokenOutput);
        Assert.Equal(1, missingCode);
        Assert.Contains("missing.zip", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archive_is_imported_by_the_command_line()
    {
        await using var database = await postgres.CreateDatabase();
        using var folder = TestFolder.Create();
        var path = Path.Combine(folder.Path, "sample.zip");
        await File.WriteAllBytesAsync(path, SampleArchive.Make(), Cancellation);

        Assert.Equal((0, "Version 1 was imported; it is version 1 of the exporting store. Gate: HOLD. Imported from an archive; compare it with the champion before you promote it."), await ImportInto(database, path));
        Assert.Equal((0, "Nothing was imported: version 1 already has the same artifact."), await ImportInto(database, path));
        await File.WriteAllTextAsync(path, "no archive", Cancellation);
        var (exitCode, refused) = await ImportInto(database, path);
        Assert.Equal((1, true), (exitCode, refused.Contains("Nothing was imported. Container: The file of 10 bytes", StringComparison.Ordinal)));
    }

    private static async Task<(int ExitCode, string Said)> ImportInto(TestDatabase database, string path)
    {
        var (exitCode, output, errors) = await ProductInProcess.RunOn(database, "import-archive", path);
        return (exitCode, exitCode == 0 ? output : errors);
    }
}
