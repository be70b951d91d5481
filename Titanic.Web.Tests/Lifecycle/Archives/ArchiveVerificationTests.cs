using System.Text;
using System.Text.RegularExpressions;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Registry;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>What a forger can make of an archive whose container and checksums are in order.</summary>
public sealed partial class ArchiveVerificationTests(TrainedArchive trained, TestPostgres postgres) : IClassFixture<TrainedArchive>
{
    [Fact]
    public void An_archive_that_was_handed_out_holds()
    {
        var result = TrainedArchive.Check(trained.Bytes);

        Assert.Null(result.Failed);
        Assert.Equal(
            ["container", "checksums", "description", "training data", "model", "learned again", "input example", "hold-out figures"],
            result.Checks.Select(check => check.Name));
        Assert.Equal(1, result.Version!.Archived.Version);
    }

    /// <summary>Signatures were in plain words only, until forms were made from them.</summary>
    [Fact]
    public async Task An_archive_of_an_earlier_release_holds_and_its_version_stays_as_it_was_told()
    {
        var version = VersionIn(trained.Bytes);
        var told = version.Signature.InPlainWords;
        var earlier = trained.With(files => files[ArchiveLayout.Version] = ArchiveJson.Write(version with { Signature = told }));
        Assert.DoesNotContain("choices", ArchiveJson.Text(told), StringComparison.Ordinal);

        Assert.Null(TrainedArchive.Check(earlier).Failed);
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Import(earlier);
        Assert.Equal(ArchiveJson.Text(told), ArchiveJson.Text(VersionIn(await workflow.Archive(1)).Signature));

        static ArchivedVersion VersionIn(byte[] archive) => ArchiveJson.Read<ArchivedVersion>(ArchiveLayout.Version, TrainedArchive.FilesOf(archive)[ArchiveLayout.Version]);
    }

    [Theory]
    [InlineData("titanic-archive/1", "titanic-archive/2", "The schema is \"titanic-archive/2\"; this code reads titanic-archive/1.")]
    [InlineData("\"titanic_knn\"", "\"other_model\"", "The model is \"other_model\"; it must be titanic_knn.")]
    [InlineData("\"version\": 1,", "\"version\": 0,", "The version is 0; versions are numbered from 1.")]
    [InlineData("\"version\": 1,", "\"version\": 99999999999999999999,", "cannot be read as schema titanic-archive/1: line 4, at $.version.")]
    [InlineData("\"version\": 1,", "\"version\": 1, ", "version.json is not written as Titanic writes it, from byte")]
    [InlineData("\"version\": 1,", "\"version\": 1,\n  \"secret\": 1,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"version\": 1,", "\"version\": 1,\n  \"version\": 1,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"version\": 1,", "\"version\": null,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"tags\": {}", "\"tags\": {\n    \"a\": null\n  }", "A hyperparameter or a tag is null")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": 1e999,", "has a value that cannot be kept, such as a number that is not finite")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": NaN,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": 1.5,", "it must be at least 0 and less than 1")]
    [InlineData("\"titanic_binned\"", "\"titanic_secret\"", "There is no feature view titanic_secret v1")]
    [InlineData("\"titanic3\"", "\"titanic4\"", "There is no source 'titanic4'")]
    [InlineData("K-nearest neighbours, all ties vote", "magic", "The algorithm is \"magic\"; this code knows")]
    [InlineData("\"k\": \"7\"", "\"k\": \"9\"", "The hyperparameters of the model: k = 7")]
    [InlineData("more than half of the neighbours survived", "nobody knows", "The signature of the model")]
    [InlineData("\"maximum\": 120", "\"maximum\": 121", "The signature of the model")]
    [InlineData("\"rows\": 1309,", "\"rows\": 1308,", "training-data.csv has 1309 rows")]
    public void A_wrong_description_is_refused(string text, string forged, string sentence) =>
        AssertRefused(trained.With(ArchiveLayout.Version, version => ReplaceOnce(version, text, forged)), sentence);

    [Fact]
    public void Texts_that_a_database_refuses_are_refused_here()
    {
        AssertRefused(trained.With(ArchiveLayout.Version, text => DescriptionOf(text, @"a\u0000b")), "control character U+0000");
        AssertRefused(trained.With(ArchiveLayout.Version, text => DescriptionOf(text, @"a\u001bb")), "control character U+001B");
        AssertRefused(trained.With(ArchiveLayout.Version, text => DescriptionOf(text, new string('x', 4001))), "a text of 4001 characters; it may have 4000");
        AssertRefused(trained.With(ArchiveLayout.Version, text => DescriptionOf(text, @"half \ud800")), "version.json");
        AssertRefused(trained.With(files => files[ArchiveLayout.Version] = [.. files[ArchiveLayout.Version], 0xFF]), "version.json cannot be read");
        AssertRefused(trained.With(files => files[ArchiveLayout.Card] = [0xC3, 0x28]), "model-card.md is no UTF-8.");
        AssertRefused(trained.With(files => files[ArchiveLayout.Metrics] = Encoding.UTF8.GetBytes(new string('[', 1000) + new string(']', 1000))), "metrics.json cannot be read");
        AssertRefused(trained.With(files => files[ArchiveLayout.Metrics] = new byte[ArchiveLayout.MostTextBytes + 1]), "metrics.json has 4194305 bytes; it may have 4194304.");
    }

    [Fact]
    public void Rows_that_are_not_those_of_the_dataset_are_refused()
    {
        AssertRefused(trained.With(ArchiveLayout.Rows, rows => ReplaceOnce(rows, "\ntitanic3,1,1,1,", "\ntitanic3,1,1,0,")), "training-data.csv reads as SHA-256");
        AssertRefused(trained.With(ArchiveLayout.Rows, rows => rows[..^10]), "is cut off");
        AssertRefused(trained.With(ArchiveLayout.Rows, rows => rows + rows.Split('\n')[1] + "\n"), "it must come after the previous record");
        AssertRefused(trained.With(ArchiveLayout.Rows, rows => ReplaceOnce(rows, "\ntitanic3,1,1,1,", "\ntitanic3,1,1,NaN,")), "it is not a canonical row of titanic_binned v1");
        AssertRefused(trained.With(ArchiveLayout.Rows, rows => rows + $"upload,{new string('x', 20_000)},1,1,1,1,1,0\n"), "longer than 10000 characters");
    }

    [Fact]
    public void A_model_that_the_rows_do_not_give_is_refused_though_everything_else_fits_it()
    {
        var forged = trained.With(files =>
        {
            var model = KnnModel.Load(files[ArchiveLayout.Model]);
            var (negatives, positives) = (model.Training.Negatives.ToArray(), model.Training.Positives.ToArray());
            (negatives[0], positives[0]) = (positives[0], negatives[0]);
            var bytes = new KnnTrainer(model.Options, model.EncoderId).Fit(model.Training.WithCounts(negatives, positives)).Save();
            SetModel(files, bytes);
        });

        AssertRefused(forged, "when they are learned again; they must be the same");
    }

    [Fact]
    public void A_model_of_an_encoder_that_this_code_does_not_have_is_refused() => AssertRefused(
        trained.With(files =>
        {
            var model = KnnModel.Load(files[ArchiveLayout.Model]);
            SetModel(files, new KnnTrainer(model.Options, "titanic_secret/1").Fit(model.Training).Save());
        }),
        "The encoder of the model: titanic_secret/1; version.json says titanic_binned/1.");

    [Theory]
    [InlineData("\"probability\": [0-9.]+", "\"probability\": 0.25", "The bytes answer the input example with died")]
    [InlineData("\"survivors\": [0-9]+", "\"survivors\": 1", "The bytes answer the input example with died")]
    [InlineData("\"pclass\": 3,", "\"pclass\": 4,", "The input example asks about class 4")]
    [InlineData("\"pclass\": 3,", "\"pclass\": 2147483647,", "The input example asks about class 2147483647")]
    public void An_input_example_that_the_bytes_answer_otherwise_is_refused(string pattern, string forged, string sentence) => AssertRefused(
        trained.With(ArchiveLayout.Version, version => Example().Replace(version, example => Regex.Replace(example.Value, pattern, forged))), sentence);

    [Fact]
    public void Figures_that_do_not_come_out_again_are_refused()
    {
        AssertRefused(trained.With(ArchiveLayout.Metrics, metrics => HeldOutF1().Replace(metrics, "${before}0.99", 1)), "The hold-out figure f1 of knn is said to be 0.99; it is 0.");
        AssertRefused(trained.With(ArchiveLayout.Metrics, metrics => metrics.Replace("\"hold-out\"", "\"held-out\"", StringComparison.Ordinal)), "There is no evaluation \"hold-out\" of knn");
        AssertRefused(trained.With(ArchiveLayout.Metrics, _ => "{\n  \"evaluations\": []\n}\n"), "There are 0 evaluations");
        AssertRefused(trained.With(ArchiveLayout.Metrics, _ => "{\n  \"evaluations\": [\n    null\n  ]\n}\n"), "metrics.json has null at byte 25, where a value must be.");
        AssertRefused(trained.With(ArchiveLayout.Metrics, metrics => FirstAccuracy().Replace(metrics, "\"accuracy\": null", 1)), "it must have a name, rows and an accuracy");
    }

    private static void AssertRefused(byte[] archive, string sentence)
    {
        var result = TrainedArchive.Check(archive);

        Assert.False(result.Holds);
        Assert.Contains(sentence, result.Failed!.Sentence, StringComparison.Ordinal);
    }

    private static void SetModel(Dictionary<string, byte[]> files, byte[] bytes)
    {
        files[ArchiveLayout.Model] = bytes;
        var sha256 = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        files[ArchiveLayout.Version] = Encoding.UTF8.GetBytes(Artifact().Replace(
            Encoding.UTF8.GetString(files[ArchiveLayout.Version]), $"\"artifact\": {{\n    \"bytes\": {bytes.Length},\n    \"sha256\": \"{sha256}\""));
    }

    private static string ReplaceOnce(string text, string old, string @new)
    {
        var at = text.IndexOf(old, StringComparison.Ordinal);
        Assert.True(at >= 0, $"There is no {old} in {text[..Math.Min(text.Length, 2000)]}");
        return text[..at] + @new + text[(at + old.Length)..];
    }

    private static string DescriptionOf(string version, string description) => Description().Replace(version, $"\"description\": \"{description.Replace("$", "$$", StringComparison.Ordinal)}\"");

    [GeneratedRegex("\"description\": \"[^\"]*\"")]
    private static partial Regex Description();

    [GeneratedRegex("\"artifact\": \\{\\s*\"bytes\": \\d+,\\s*\"sha256\": \"[0-9a-f]{64}\"")]
    private static partial Regex Artifact();

    [GeneratedRegex("\"inputExample\": \\{[^}]*\\}")]
    private static partial Regex Example();

    [GeneratedRegex("\"accuracy\": \\{[^}]*\\}")]
    private static partial Regex FirstAccuracy();

    [GeneratedRegex("(?<before>\"subject\": \"knn\",\\s*\"method\": \"hold-out\",[^}]*?\"f1\": \\{\\s*\"value\": )[0-9.]+")]
    private static partial Regex HeldOutF1();
}
