using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

public sealed class BackfillCommandTests(TestPostgres postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Without the options the bytes are not UTF-8, and the columns are not recognized.</summary>
    [Fact]
    public async Task Reads_a_file_with_the_specified_encoding_delimiter_and_columns()
    {
        await using var database = await postgres.CreateDatabase();
        using var folder = TestFolder.Create();
        var path = Path.Combine(folder.Path, "liste.csv");
        await File.WriteAllBytesAsync(path, [.. "Klasse;Sexe;Name;Tarif\n3;male;Andr"u8, 0xE9, .. ";7,25\n"u8], Cancellation);

        var detected = await ProductInProcess.RunOn(database, "run", "feature", "--backfill", path);
        var (exitCode, output, _) = await ProductInProcess.RunOn(
            database, "run", "feature", "--backfill", path, "--encoding", "windows-1252", "--delimiter", ";", "--columns", "Pclass:Klasse, sex:Sexe,fare:Tarif");

        Assert.Equal((1, 0), (detected.ExitCode, exitCode));
        Assert.Contains("Read as semicolon-separated Windows-1252 with decimal comma; columns: class ← Klasse, name ← Name, sex ← Sexe, fare ← Tarif", output, StringComparison.Ordinal);
        await using var stored = database.DataSource.CreateCommand("select format('%s %s', name, fare) from passengers");
        Assert.Equal("André 7.25", await stored.ExecuteScalarAsync(Cancellation));
        await using var run = database.DataSource.CreateCommand("select format('%s %s', input ->> 'encoding', read_options ->> 'delimiter') from runs where status = 'Succeeded'");
        Assert.Equal("Windows-1252 ;", await run.ExecuteScalarAsync(Cancellation));
    }
}
