using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>What a person reads when the embedded server cannot be used: what was seen, what is allowed, what to do.</summary>
public sealed class EmbeddedServerErrorTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    [Fact]
    public async Task A_data_directory_of_another_major_version_is_refused_and_stays_as_it_is()
    {
        Directory.CreateDirectory(_folder.In("data"));
        File.WriteAllText(_folder.In("data/PG_VERSION"), "16\n");

        var message = await MessageOf(_folder.Options);

        Assert.Contains("data is of PostgreSQL 16; the embedded server is PostgreSQL 18 ", message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
        Assert.Equal("16\n", File.ReadAllText(_folder.In("data/PG_VERSION")));
    }

    [Fact]
    public async Task A_data_directory_that_is_no_database_cluster_is_refused_and_stays_as_it_is()
    {
        Directory.CreateDirectory(_folder.In("data"));
        File.WriteAllText(_folder.In("data/diary.txt"), "mine");

        var message = await MessageOf(_folder.Options);

        Assert.Contains("no version at all", message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.In("data/diary.txt")));
    }

    [Fact]
    public async Task A_state_folder_that_cannot_be_written_is_named()
    {
        // A file where a folder is needed stops root too, whom no permission stops.
        File.WriteAllText(_folder.In("file"), "");

        var message = await MessageOf(_folder.Options with { DataDirectory = _folder.In("file/state") });

        Assert.Contains($"cannot keep its state in {_folder.In("file/state")}", message, StringComparison.Ordinal);
        Assert.Contains("Titanic__DataDirectory", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_programs_are_named_with_the_way_to_get_them()
    {
        var message = await MessageOf(_folder.Options with { BinariesRoot = _folder.In("nowhere") });

        Assert.Contains($"programs are not in {_folder.In("nowhere")}", message, StringComparison.Ordinal);
        Assert.Contains("Build the project again", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-s390x")]
    public void A_platform_without_programs_is_told_to_bring_a_server(string runtimeIdentifier)
    {
        var message = Assert.Throws<EmbeddedServerException>(() => Binaries.PlatformOf(runtimeIdentifier)).Message;

        Assert.Contains(runtimeIdentifier, message, StringComparison.Ordinal);
        Assert.Contains("linux-x64, linux-arm64", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_passwords_are_named_and_the_data_stays()
    {
        using var folder = await prepared.Copy();
        File.Delete(folder.In("credentials"));

        var message = await MessageOf(folder.Options);

        Assert.Contains($"cannot be read from {folder.In("credentials")}", message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.In("data/PG_VERSION")));
    }

    [Fact]
    public async Task Passwords_of_another_cluster_are_told_apart_from_a_server_that_is_slow()
    {
        using var folder = await prepared.Copy();
        await using var server = await EmbeddedServer.Start(folder.Options, NullLogger.Instance, TestContext.Current.CancellationToken);
        Credentials.Create().Write(folder.In("credentials"));

        var message = await MessageOf(folder.Options);

        Assert.Contains("does not accept the passwords", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_refuses_to_start_is_quoted()
    {
        using var folder = await prepared.Copy();
        File.AppendAllText(folder.In("data/postgresql.conf"), "\nno_such_setting = 1\n");

        var message = await MessageOf(folder.Options);

        Assert.Contains("unrecognized configuration parameter \"no_such_setting\"", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> MessageOf(EmbeddedServerOptions options) =>
        (await Assert.ThrowsAsync<EmbeddedServerException>(
            () => EmbeddedServer.Start(options, NullLogger.Instance, TestContext.Current.CancellationToken))).Message;
}
