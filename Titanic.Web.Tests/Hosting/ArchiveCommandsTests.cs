using Titanic.Web.Tests.Hosting.EmbeddedPostgres;
using Titanic.Web.Tests.Lifecycle.Archives;

namespace Titanic.Web.Tests.Hosting;

public sealed class ArchiveCommandsTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Without a state folder or a connection string, so the command cannot start a database.</summary>
    [Fact]
    public async Task Verifies_an_archive_with_one_line_per_check_and_without_a_database()
    {
        using var folder = TestFolder.Create();
        var (valid, corrupt) = (Path.Combine(folder.Path, "valid.zip"), Path.Combine(folder.Path, "corrupt.zip"));
        var archive = SampleArchive.Create();
        await File.WriteAllBytesAsync(valid, archive, Cancellation);
        await File.WriteAllBytesAsync(corrupt, archive[..^1], Cancellation);

        var (exitCode, output, _) = await ProductProcess.Run(null, "verify-archive", valid);
        var (corruptCode, corruptOutput, _) = await ProductInProcess.Run("verify-archive", corrupt);
        var (missingCode, _, missing) = await ProductInProcess.Run("verify-archive", Path.Combine(folder.Path, "missing.zip"));

        Assert.Equal((0, 9, 8), (exitCode, output.Split('\n').Length, output.Split('\n').Count(line => line.Contains(" ok ", StringComparison.Ordinal))));
        Assert.EndsWith("The archive is valid.", output, StringComparison.Ordinal);
        Assert.Equal(1, corruptCode);
        Assert.Matches("^container +FAILED +The file of [0-9,]+ bytes has no zip end record.*\nThe archive is not valid.$", corruptOutput);
        Assert.Equal(1, missingCode);
        Assert.Contains("missing.zip", missing, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Imports_an_archive()
    {
        await using var database = await postgres.CreateDatabase();
        using var folder = TestFolder.Create();
        var path = Path.Combine(folder.Path, "sample.zip");
        await File.WriteAllBytesAsync(path, SampleArchive.Create(), Cancellation);

        Assert.Equal((0, "Version 1 was imported; it is version 1 of the exporting store. Gate: HOLD. Imported from an archive; compare it with the champion before you promote it."), await ImportInto(database, path));
        Assert.Equal((0, "Nothing was imported: version 1 already has the same artifact."), await ImportInto(database, path));
        await File.WriteAllTextAsync(path, "no archive", Cancellation);
        var (exitCode, message) = await ImportInto(database, path);
        Assert.Equal(
            (1, true), (exitCode, message.Contains("Nothing was imported. Container: The file of 10 bytes", StringComparison.Ordinal)));
    }

    private static async Task<(int ExitCode, string Message)> ImportInto(TestDatabase database, string path)
    {
        var (exitCode, output, errors) = await ProductInProcess.RunOn(database, "import-archive", path);
        return (exitCode, exitCode == 0 ? output : errors);
    }
}
