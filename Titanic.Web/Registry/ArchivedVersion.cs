using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary><c>version.json</c>: everything that is known of a version, except its figures.</summary>
/// <param name="Schema"><see cref="CurrentSchema"/>.</param>
/// <param name="CodeVersion">Of the code that learned it.</param>
/// <param name="RunId">The run that learned it, in the store that this archive comes from.</param>
/// <param name="Gate">What the gate of that store decided.</param>
/// <param name="Origin">Where that store had it from, if it was imported there.</param>
public sealed record ArchivedVersion(
    string Schema,
    string Name,
    int Version,
    string Algorithm,
    IReadOnlyDictionary<string, string> Hyperparameters,
    string Description,
    IReadOnlyDictionary<string, string> Tags,
    DateTimeOffset CreatedAt,
    string CodeVersion,
    long? RunId,
    ArchivedArtifact Artifact,
    ModelSignature Signature,
    InputExample InputExample,
    ArchivedDataset Dataset,
    GateDecision Gate,
    ModelOrigin? Origin = null)
{
    /// <summary>Of an archive's files and of what stands in them.</summary>
    public const string CurrentSchema = "titanic-archive/1";

    public const int MostSettings = 100;

    public static ArchivedVersion Of(ModelVersion version, ArchivedDataset dataset) => new(
        CurrentSchema, version.Name, version.Version, version.Algorithm, version.Hyperparameters, version.Description, version.Tags, version.CreatedAt,
        version.CodeVersion, version.RunId, new ArchivedArtifact(version.Artifact.Length, version.ArtifactSha256), version.Signature, version.InputExample, dataset,
        version.Gate, version.Origin);

    /// <summary>What keeps it from being a version of this product, as a sentence; null when nothing does.</summary>
    public string? Problem() =>
        Schema != CurrentSchema ? $"The schema is \"{Passengers.Excerpt.TruncateRecord(Schema)}\"; this code reads {CurrentSchema}."
        : Name != ModelRegistry.ModelName ? $"The model is \"{Passengers.Excerpt.TruncateRecord(Name)}\"; it must be {ModelRegistry.ModelName}."
        : Version < 1 ? $"The version is {Version}; versions are numbered from 1."
        : Hyperparameters.Count > MostSettings ? $"There are {Hyperparameters.Count} hyperparameters; there may be {MostSettings}."
        : Hyperparameters.Values.Concat(Tags.Values).Any(value => value is null) ? "A hyperparameter or a tag is null; it must be a text."
        : NotesProblem() ?? Dataset.Problem();

    /// <summary>What a person could not have written here may not come in from elsewhere either.</summary>
    private string? NotesProblem()
    {
        try
        {
            new VersionNotes(Description, Tags).Sound();
            return null;
        }
        catch (RegistryRefusedException unclear)
        {
            return unclear.Message;
        }
    }
}

/// <summary>What <c>model.bin</c> is.</summary>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record ArchivedArtifact(long Bytes, string Sha256);

/// <summary>What <c>training-data.csv</c> is; see <see cref="TrainingDataset"/> for the meaning of each part.</summary>
/// <param name="ViewSha256">Of the view's schema.</param>
/// <param name="AsOfCommitId">In the store that the rows come from.</param>
public sealed record ArchivedDataset(
    string View, int ViewVersion, string ViewSha256, long AsOfCommitId, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, string SplitSalt,
    double TestShare, int Rows, int Survivors, int HeldOutRows, string Sha256)
{
    public static ArchivedDataset Of(TrainingDataset dataset) => new(
        dataset.ViewName, dataset.ViewVersion, TrainingViews.Of(dataset.ViewName, dataset.ViewVersion).Schema.Sha256, dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources,
        dataset.SplitSalt, dataset.TestShare, dataset.Rows, dataset.Survivors, dataset.HeldOutRows, dataset.Sha256);

    /// <summary>As a dataset that no store has a number for.</summary>
    internal TrainingDataset ToTrainingDataset() => new()
    {
        ViewName = View,
        ViewVersion = ViewVersion,
        AsOfCommitId = AsOfCommitId,
        KnownBefore = KnownBefore,
        Sources = [.. Sources],
        SplitSalt = SplitSalt,
        TestShare = TestShare,
        Rows = Rows,
        Survivors = Survivors,
        HeldOutRows = HeldOutRows,
        Sha256 = Sha256,
    };

    /// <summary>What keeps it from being a training dataset of this product, as a sentence; null when nothing does.</summary>
    public string? Problem()
    {
        if (TrainingViews.Find(View, ViewVersion) is not { } view)
            return TrainingViews.Missing(View, ViewVersion);
        if (view.Schema.Sha256 != ViewSha256)
            return $"The archive's {view.Schema} has SHA-256 {Passengers.Excerpt.TruncateRecord(ViewSha256)}; this code's has {view.Schema.Sha256}: it encodes in another way.";
        if (SplitSalt.Length > TrainingDatasetRequest.LongestSalt)
            return $"The salt of the split has {SplitSalt.Length} characters; it may have {TrainingDatasetRequest.LongestSalt}.";
        return new TrainingDatasetDefinition(view, AsOfCommitId, KnownBefore, Sources, SplitSalt, TestShare).Problem();
    }
}

/// <summary><c>metrics.json</c>: how good a version is, and how its settings were found.</summary>
/// <param name="Evaluations">The model's own before those of what it has to beat.</param>
public sealed record ArchivedMetrics(IReadOnlyList<EvaluationRecord> Evaluations, SelectionRecord? Selection = null, ComparisonRecord? Comparison = null)
{
    /// <summary>The one that can be made again from the rows alone.</summary>
    public const string Method = "hold-out";

    public const string Majority = "majority";

    private const int MostEvaluations = 100, MostPoints = 100_000;

    public static ArchivedMetrics Of(ModelVersion version) => new(version.Evaluations, version.Selection, version.Comparison);

    /// <summary>A learner on rows that it was not fitted on, by one fit; null where it was not measured so.</summary>
    public EvaluationRecord? HeldOut(string subject) => Evaluations.FirstOrDefault(evaluation => evaluation.Method == Method && evaluation.Subject == subject);

    /// <summary>What keeps it from being shown, as a sentence; null when nothing does.</summary>
    public string? Problem()
    {
        if (Evaluations.Count is 0 or > MostEvaluations)
            return $"There are {Evaluations.Count} evaluations; there must be 1 to {MostEvaluations}.";
        foreach (var evaluation in Evaluations)
        {
            if (evaluation.Method.Length < 2 || evaluation.Rows < 0 || !evaluation.Metrics.ContainsKey("accuracy") || evaluation.Metrics.Values.Any(figure => figure is null))
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" of {evaluation.Rows} rows cannot be shown; it must have a name, rows and an accuracy.";
            if (evaluation.Metrics.Count + (evaluation.Roc?.Count ?? 0) + (evaluation.PrecisionRecall?.Count ?? 0) + (evaluation.Calibration?.Count ?? 0) + (evaluation.Segments?.Count ?? 0) > MostPoints)
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" has more than {MostPoints} figures.";
        }
        return Selection?.Search is { } search && search.Candidates.Count(candidate => candidate.IsChosen) is not 1 and var chosen
            ? $"The search for settings chose {chosen} candidates; it must have chosen one."
            : null;
    }
}
