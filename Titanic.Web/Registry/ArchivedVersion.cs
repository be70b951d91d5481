using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Registry;

/// <summary><c>version.json</c>: all metadata of a version, except its metrics.</summary>
/// <param name="Schema"><see cref="CurrentSchema"/>.</param>
/// <param name="CodeVersion">Version of the code that trained the model.</param>
/// <param name="RunId">The training run, in the store that exported the archive.</param>
/// <param name="Gate">The gate decision of that store.</param>
/// <param name="Origin">The origin that is recorded in that store; null unless the version was imported there.</param>
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
    /// <summary>Identifies the layout of an archive and the format of its files.</summary>
    public const string CurrentSchema = "titanic-archive/1";

    public const int MaximumHyperparameters = 100;

    public static ArchivedVersion Of(ModelVersion version, ArchivedDataset dataset) => new(
        CurrentSchema, version.Name, version.Version, version.Algorithm, version.Hyperparameters, version.Description, version.Tags, version.CreatedAt,
        version.CodeVersion, version.RunId, new ArchivedArtifact(version.Artifact.Length, version.ArtifactSha256), version.Signature, version.InputExample, dataset,
        version.Gate, version.Origin);

    /// <summary>Returns the first validation error as a message; null for a valid version.</summary>
    public string? Problem() =>
        Schema != CurrentSchema ? $"The schema is \"{Passengers.Excerpt.TruncateRecord(Schema)}\"; this code reads {CurrentSchema}."
        : Name != ModelRegistry.ModelName ? $"The model is \"{Passengers.Excerpt.TruncateRecord(Name)}\"; it must be {ModelRegistry.ModelName}."
        : Version < 1 ? $"The version is {Version}; versions are numbered from 1."
        : Hyperparameters.Count > MaximumHyperparameters ? $"There are {Format.Count(Hyperparameters.Count)} hyperparameters; there must be at most {MaximumHyperparameters}."
        : Hyperparameters.Values.Concat(Tags.Values).Any(value => value is null) ? "A hyperparameter or a tag is null; it must be text."
        : NotesProblem() ?? Dataset.Problem();

    /// <summary>Imported notes must satisfy the same rules as edited notes.</summary>
    private string? NotesProblem()
    {
        try
        {
            new VersionNotes(Description, Tags).Validate();
            return null;
        }
        catch (RegistryException invalid)
        {
            return invalid.Message;
        }
    }
}

/// <summary>Size and digest of <c>model.bin</c>.</summary>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record ArchivedArtifact(long Bytes, string Sha256);

/// <summary>Definition and digest of <c>training-data.csv</c>; see <see cref="TrainingDataset"/> for the meaning of each member.</summary>
/// <param name="ViewSha256">Digest of the feature view's schema.</param>
/// <param name="AsOfCommitId">A commit of the store that exported the rows.</param>
public sealed record ArchivedDataset(
    string View, int ViewVersion, string ViewSha256, long AsOfCommitId, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, string SplitSalt,
    double TestShare, int Rows, int Survivors, int HeldOutRows, string Sha256,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IsByPerson = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EventTimeFrom = null)
{
    /// <summary>The split of a dataset by person, to verify held out and fold of its rows; null for a dataset by rows.</summary>
    internal PersonSplit? Split => IsByPerson ? new PersonSplit(SplitSalt, TestShare) : null;

    public static ArchivedDataset Of(TrainingDataset dataset) => new(
        dataset.ViewName, dataset.ViewVersion, TrainingViews.Get(dataset.ViewName, dataset.ViewVersion).Schema.Sha256, dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources,
        dataset.SplitSalt, dataset.TestShare, dataset.Rows, dataset.Survivors, dataset.HeldOutRows, dataset.Sha256, dataset.IsByPerson, dataset.EventTimeFrom);

    /// <summary>Converts to a dataset with the id 0, which belongs to no store.</summary>
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
        IsByPerson = IsByPerson,
        EventTimeFrom = EventTimeFrom,
    };

    /// <summary>Returns the first validation error as a message; null for a valid dataset.</summary>
    public string? Problem()
    {
        if (TrainingViews.Find(View, ViewVersion) is not { } view)
            return TrainingViews.NotFoundMessage(View, ViewVersion);
        if (view.Schema.Sha256 != ViewSha256)
            return $"The archive's {view.Schema} has SHA-256 {Passengers.Excerpt.TruncateRecord(ViewSha256)}; this code's has {view.Schema.Sha256}: the encodings differ.";
        if (SplitSalt.Length > TrainingDatasetRequest.MaximumSaltLength)
            return $"The salt of the split has {Quantity.Of(SplitSalt.Length, "character")}; it must have at most {TrainingDatasetRequest.MaximumSaltLength}.";
        return new TrainingDatasetDefinition(view, AsOfCommitId, KnownBefore, Sources, SplitSalt, TestShare).ValidationError();
    }
}

/// <summary>
/// <c>metrics.json</c>: the evaluations of a version, its hyperparameter search and its comparison with other algorithms.
/// </summary>
/// <param name="Evaluations">Those of the model first, then those of the baselines.</param>
public sealed record ArchivedMetrics(IReadOnlyList<EvaluationRecord> Evaluations, SelectionRecord? Selection = null, ComparisonRecord? Comparison = null)
{
    /// <summary>The evaluation method that an import can recompute from the rows alone.</summary>
    public const string HoldOutMethod = "hold-out";

    public const string MajoritySubject = "majority";

    private const int MaximumEvaluations = 100, MaximumValues = 100_000;

    public static ArchivedMetrics Of(ModelVersion version) => new(version.Evaluations, version.Selection, version.Comparison);

    /// <summary>The hold-out evaluation of a learner; null when there is none.</summary>
    public EvaluationRecord? HeldOut(string subject) => Evaluations.FirstOrDefault(evaluation => evaluation.Method == HoldOutMethod && evaluation.Subject == subject);

    /// <summary>Returns the first validation error as a message; null for valid metrics.</summary>
    public string? Problem()
    {
        if (Evaluations.Count is 0 or > MaximumEvaluations)
            return $"There are {Format.Count(Evaluations.Count)} evaluations; there must be 1 to {MaximumEvaluations}.";
        foreach (var evaluation in Evaluations)
        {
            if (evaluation.Method.Length < 2 || evaluation.Rows < 0 || !evaluation.Metrics.ContainsKey("accuracy") || evaluation.Metrics.Values.Any(value => value is null))
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" of {Quantity.Of(evaluation.Rows, "row")} is incomplete; it must have a name, rows and an accuracy.";
            if (evaluation.Metrics.Count + (evaluation.Roc?.Count ?? 0) + (evaluation.PrecisionRecall?.Count ?? 0) + (evaluation.Calibration?.Count ?? 0) + (evaluation.Segments?.Count ?? 0) > MaximumValues)
                return $"The evaluation \"{Passengers.Excerpt.Truncate(evaluation.Method)}\" has more than {Format.Count(MaximumValues)} values.";
        }
        return Selection?.Search is { } search && search.Candidates.Count(candidate => candidate.IsChosen) is not 1 and var selected
            ? $"The hyperparameter search selected {selected} candidates; it must select exactly 1."
            : null;
    }
}
