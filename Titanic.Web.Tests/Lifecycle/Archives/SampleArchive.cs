using System.Text;
using Titanic.Web.FeatureStore;
using Titanic.Web.Lifecycle.Archives;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Baselines;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Lifecycle.Archives;

/// <summary>Creates a small valid archive without a database, and packs archives from files.</summary>
internal static class SampleArchive
{
    private const int Rows = 60;

    public static byte[] Create() => Pack(CreateFiles());

    public static Dictionary<string, byte[]> CreateFiles()
    {
        var view = TrainingViews.Binned;
        var random = new SeededRandom(1912);
        var folds = new PersonSplit("a salt", 0.25);
        var csv = new StringBuilder().Append(TrainingSnapshot.Header(view.Schema, isByPerson: true)).Append('\n');
        for (var row = 0; row < Rows; row++)
        {
            var features = BinnedPoint.FromCode(random.Next(BinnedPoint.Count)).Features;
            var person = PersonKey.Of($"person {row}");
            TrainingSnapshot.AppendRow(csv, new TrainingRow(
                PassengerSources.Upload, $"{row:000}", 0, 0, features, random.Next(3) == 0, folds.IsHeldOut(person), PersonSplit.FoldOf(person), person)).Append('\n');
        }
        var rows = Encoding.UTF8.GetBytes(csv.ToString());
        var content = SnapshotContent.Read(new MemoryStream(rows), view, folds);
        var split = TrainingSplit.Of(content.Points);
        var trainer = new KnnTrainer(new KnnOptions(3), view.Schema.EncoderId);
        var model = trainer.Fit(split.All);
        var prediction = model.Predict(view.Encode(3, Sex.Male, null, null));
        var artifact = model.Save();
        var version = new ArchivedVersion(
            ArchivedVersion.CurrentSchema, ModelRegistry.ModelName, 1, KnnTrainer.AlgorithmName, model.Options.ToHyperparameters(), "A sample.", new Dictionary<string, string> { ["for"] = "tests" },
            new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), "0.1.0", 7, new ArchivedArtifact(artifact.Length, Sha256(artifact)), ModelSignature.OfKnn(model.EncoderId),
            new InputExample(3, "male", null, null, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors),
            new ArchivedDataset(
                view.Schema.Name, view.Schema.Version, view.Schema.Sha256, 3, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), [PassengerSources.Upload], "a salt", 0.25,
                content.Rows, content.Survivors, content.HeldOutRows, content.Sha256, IsByPerson: true),
            new GateDecision(Verdict.Promote, "There is no champion yet.", new GateEvidence(15, 0.7, 0.6, null)));
        var metrics = new ArchivedMetrics(
        [
            HoldOut.Evaluate(trainer, split.Training, split.HeldOut, isDetailed: true),
            HoldOut.Evaluate(new MajorityBaseline(), split.Training, split.HeldOut, isDetailed: false),
        ]);
        return new Dictionary<string, byte[]>
        {
            [ArchiveLayout.Version] = ArchiveJson.Write(version),
            [ArchiveLayout.Metrics] = ArchiveJson.Write(metrics),
            [ArchiveLayout.Card] = ModelCard.Of(version, metrics),
            [ArchiveLayout.Model] = artifact,
            [ArchiveLayout.Rows] = rows,
        };
    }

    /// <summary>Packs files with matching checksums.</summary>
    public static byte[] Pack(Dictionary<string, byte[]> files) => Pack(files, Checksums.Format(
        ArchiveLayout.Names.Where(name => name != ArchiveLayout.Sums).Select(name => (name, Sha256(files[name])))));

    public static byte[] Pack(Dictionary<string, byte[]> files, string sums)
    {
        using var archive = new MemoryStream();
        var zip = new StoredZipWriter(archive);
        foreach (var name in ArchiveLayout.Names)
            _ = zip.Add(name, name == ArchiveLayout.Sums ? Encoding.UTF8.GetBytes(sums) : files[name]).GetAwaiter().GetResult();
        zip.Close().GetAwaiter().GetResult();
        return archive.ToArray();
    }

    private static string Sha256(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
