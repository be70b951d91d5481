using System.Text;
using System.Text.RegularExpressions;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Registry;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Forged archives with a valid container and matching checksums.</summary>
public sealed partial class ArchiveVerificationTests(TrainedArchive trained, TestPostgres postgres) : IClassFixture<TrainedArchive>
{
    [Fact]
    public void An_exported_archive_passes_all_checks()
    {
        var result = TrainedArchive.Check(trained.Bytes);

        Assert.Null(result.FirstFailure);
        Assert.Equal(
            ["container", "checksums", "description", "training data", "model", "retraining", "input example", "hold-out metrics"],
            result.Checks.Select(check => check.Name));
        Assert.Equal(1, result.Version!.Archived.Version);
    }

    /// <summary>Signatures of earlier releases have descriptions only.</summary>
    [Fact]
    public async Task An_archive_of_an_earlier_release_is_valid_and_keeps_its_signature()
    {
        var version = VersionIn(trained.Bytes);
        var earlierSignature = version.Signature.WithoutFormDetails;
        var earlier = trained.With(files => files[ArchiveLayout.Version] = ArchiveJson.Write(version with { Signature = earlierSignature }));
        Assert.DoesNotContain("choices", ArchiveJson.Format(earlierSignature), StringComparison.Ordinal);

        Assert.Null(TrainedArchive.Check(earlier).FirstFailure);
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        await workflow.Import(earlier);
        Assert.Equal(ArchiveJson.Format(earlierSignature), ArchiveJson.Format(VersionIn(await workflow.Export(1)).Signature));

        static ArchivedVersion VersionIn(byte[] archive) => ArchiveJson.Read<ArchivedVersion>(ArchiveLayout.Version, TrainedArchive.FilesOf(archive)[ArchiveLayout.Version]);
    }

    [Theory]
    [InlineData("titanic-archive/1", "titanic-archive/2", "The schema is \"titanic-archive/2\"; this code reads titanic-archive/1.")]
    [InlineData("\"titanic_knn\"", "\"other_model\"", "The model is \"other_model\"; it must be titanic_knn.")]
    [InlineData("\"version\": 1,", "\"version\": 0,", "The version is 0; versions are numbered from 1.")]
    [InlineData("\"version\": 1,", "\"version\": 99999999999999999999,", "cannot be read as schema titanic-archive/1: line 4, at $.version.")]
    [InlineData("\"version\": 1,", "\"version\": 1, ", "version.json is not in the canonical form that Titanic writes; the first difference is at byte")]
    [InlineData("\"version\": 1,", "\"version\": 1,\n  \"secret\": 1,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"version\": 1,", "\"version\": 1,\n  \"version\": 1,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"version\": 1,", "\"version\": null,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"tags\": {}", "\"tags\": {\n    \"a\": null\n  }", "A hyperparameter or a tag is null")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": 1e999,", "has a value that cannot be stored, such as an infinite number")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": NaN,", "cannot be read as schema titanic-archive/1")]
    [InlineData("\"testShare\": 0.2,", "\"testShare\": 1.5,", "it must be at least 0 and less than 1")]
    [InlineData("\"titanic_binned\"", "\"titanic_secret\"", "There is no feature view \"titanic_secret v1\"")]
    [InlineData("\"titanic3\"", "\"titanic4\"", "There is no source \"titanic4\"")]
    [InlineData("K-nearest neighbours, all ties vote", "magic", "There is no learner \"magic\"; there are")]
    [InlineData("\"k\": \"7\"", "\"k\": \"9\"", "The hyperparameters of the model: k = 7")]
    [InlineData("more than half of the neighbors survived", "nobody knows", "The signature of the model")]
    [InlineData("\"maximum\": 120", "\"maximum\": 121", "The signature of the model")]
    [InlineData("\"rows\": 1309,", "\"rows\": 1308,", "training-data.csv has 1309 rows")]
    public void Rejects_invalid_metadata(string text, string forged, string message) =>
        AssertRejected(trained.With(ArchiveLayout.Version, version => ReplaceOnce(version, text, forged)), message);

    [Fact]
    public void Rejects_texts_that_cannot_be_stored()
    {
        AssertRejected(trained.With(ArchiveLayout.Version, text => ReplaceDescription(text, @"a\u0000b")), "control character U+0000");
        AssertRejected(trained.With(ArchiveLayout.Version, text => ReplaceDescription(text, @"a\u001bb")), "control character U+001B");
        AssertRejected(trained.With(ArchiveLayout.Version, text => ReplaceDescription(text, new string('x', 4001))), "a text of 4,001 characters; it must have at most 4,000.");
        AssertRejected(trained.With(ArchiveLayout.Version, text => ReplaceDescription(text, @"half \ud800")), "version.json");
        AssertRejected(trained.With(files => files[ArchiveLayout.Version] = [.. files[ArchiveLayout.Version], 0xFF]), "version.json cannot be read");
        AssertRejected(trained.With(files => files[ArchiveLayout.Card] = [0xC3, 0x28]), "model-card.md is not valid UTF-8.");
        AssertRejected(trained.With(files => files[ArchiveLayout.Metrics] = Encoding.UTF8.GetBytes(new string('[', 1000) + new string(']', 1000))), "metrics.json cannot be read");
        AssertRejected(trained.With(files => files[ArchiveLayout.Metrics] = new byte[ArchiveLayout.MaximumTextBytes + 1]), "metrics.json has 4,194,305 bytes; it must have at most 4,194,304.");
    }

    [Fact]
    public void Rejects_rows_that_do_not_match_the_dataset()
    {
        AssertRejected(trained.With(ArchiveLayout.Rows, rows => ReplaceOnce(rows, "\ntitanic3,1,1,1,", "\ntitanic3,1,1,0,")), "The rows of training-data.csv have SHA-256");
        AssertRejected(trained.With(ArchiveLayout.Rows, rows => rows[..^10]), "is cut off");
        AssertRejected(trained.With(ArchiveLayout.Rows, rows => rows + rows.Split('\n')[1] + "\n"), "it must come after the previous record");
        AssertRejected(trained.With(ArchiveLayout.Rows, rows => ReplaceOnce(rows, "\ntitanic3,1,1,1,", "\ntitanic3,1,1,NaN,")), "it is not a canonical row of titanic_binned v1");
        AssertRejected(trained.With(ArchiveLayout.Rows, rows => rows + $"upload,{new string('x', 20_000)},1,1,1,1,1,0\n"), "longer than 10,000 characters");
    }

    [Fact]
    public void Rejects_a_model_that_retraining_does_not_reproduce()
    {
        var forged = trained.With(files =>
        {
            var model = KnnModel.Load(files[ArchiveLayout.Model]);
            var (negatives, positives) = (model.Training.Negatives.ToArray(), model.Training.Positives.ToArray());
            (negatives[0], positives[0]) = (positives[0], negatives[0]);
            var bytes = new KnnTrainer(model.Options, model.EncoderId).Fit(model.Training.WithCounts(negatives, positives)).Save();
            SetModel(files, bytes);
        });

        AssertRejected(forged, "; they must be identical.");
    }

    [Fact]
    public void Rejects_a_model_of_an_unknown_encoder() => AssertRejected(
        trained.With(files =>
        {
            var model = KnnModel.Load(files[ArchiveLayout.Model]);
            SetModel(files, new KnnTrainer(model.Options, "titanic_secret/1").Fit(model.Training).Save());
        }),
        "The encoder of the model: titanic_secret/1; version.json states titanic_binned/1.");

    [Theory]
    [InlineData("\"probability\": [0-9.]+", "\"probability\": 0.25", "The model predicts died")]
    [InlineData("\"survivors\": [0-9]+", "\"survivors\": 1", "The model predicts died")]
    [InlineData("\"pclass\": 3,", "\"pclass\": 4,", "The input example has class 4,")]
    [InlineData("\"pclass\": 3,", "\"pclass\": 2147483647,", "The input example has class 2147483647,")]
    public void Rejects_an_input_example_with_another_prediction(string pattern, string forged, string message) => AssertRejected(
        trained.With(ArchiveLayout.Version, version => Example().Replace(version, example => Regex.Replace(example.Value, pattern, forged))), message);

    [Fact]
    public void Rejects_metrics_that_cannot_be_recomputed()
    {
        AssertRejected(trained.With(ArchiveLayout.Metrics, metrics => HoldOutF1().Replace(metrics, "${before}0.99", 1)), "The hold-out metric f1 of K-NN is stated as 0.99; recomputed is 0.");
        AssertRejected(trained.With(ArchiveLayout.Metrics, metrics => metrics.Replace("\"hold-out\"", "\"held-out\"", StringComparison.Ordinal)), "The evaluation \"hold-out\" of K-NN is missing");
        AssertRejected(trained.With(ArchiveLayout.Metrics, _ => "{\n  \"evaluations\": []\n}\n"), "There are 0 evaluations");
        AssertRejected(trained.With(ArchiveLayout.Metrics, _ => "{\n  \"evaluations\": [\n    null\n  ]\n}\n"), "metrics.json has null at byte 25; it must have a value.");
        AssertRejected(trained.With(ArchiveLayout.Metrics, metrics => FirstAccuracy().Replace(metrics, "\"accuracy\": null", 1)), "it must have a name, rows and an accuracy");
    }

    private static void AssertRejected(byte[] archive, string message)
    {
        var result = TrainedArchive.Check(archive);

        Assert.False(result.IsValid);
        Assert.Contains(message, result.FirstFailure!.Sentence, StringComparison.Ordinal);
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

    private static string ReplaceDescription(string version, string description) => Description().Replace(version, $"\"description\": \"{description.Replace("$", "$$", StringComparison.Ordinal)}\"");

    [GeneratedRegex("\"description\": \"[^\"]*\"")]
    private static partial Regex Description();

    [GeneratedRegex("\"artifact\": \\{\\s*\"bytes\": \\d+,\\s*\"sha256\": \"[0-9a-f]{64}\"")]
    private static partial Regex Artifact();

    [GeneratedRegex("\"inputExample\": \\{[^}]*\\}")]
    private static partial Regex Example();

    [GeneratedRegex("\"accuracy\": \\{[^}]*\\}")]
    private static partial Regex FirstAccuracy();

    [GeneratedRegex("(?<before>\"subject\": \"knn\",\\s*\"method\": \"hold-out\",[^}]*?\"f1\": \\{\\s*\"value\": )[0-9.]+")]
    private static partial Regex HoldOutF1();
}
