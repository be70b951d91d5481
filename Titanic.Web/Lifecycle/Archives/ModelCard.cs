using System.Text;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle.Archives;

/// <summary>
/// <c>model-card.md</c>: describes a version to the readers of its archive, in Markdown. The text is part of the archive bytes.
/// </summary>
internal sealed class ModelCard
{
    private static readonly (string Key, string Name)[] _reportedMetrics = [("accuracy", "Accuracy"), ("balancedAccuracy", "Balanced accuracy"), ("rocAuc", "ROC AUC"), ("brier", "Brier score"), ("logLoss", "Log loss")];

    private readonly StringBuilder _text = new();
    private readonly ArchivedVersion _version;
    private readonly ArchivedMetrics _metrics;

    private ModelCard(ArchivedVersion version, ArchivedMetrics metrics) => (_version, _metrics) = (version, metrics);

    public static byte[] Of(ArchivedVersion version, ArchivedMetrics metrics)
    {
        var card = new ModelCard(version, metrics);
        card.WriteOverview();
        card.WriteUse();
        card.WriteData();
        card.WriteEvaluation();
        card.WriteSegments();
        card.WriteCaveats();
        card.WriteVerification();
        return Encoding.UTF8.GetBytes(card._text.ToString());
    }

    private void WriteOverview()
    {
        WriteLine($"# {_version.Name}, version {_version.Version}");
        WriteLine($"{EscapeMarkdown(_version.Description)}");
        WriteLine("## Overview");
        WriteItems(
            ("Algorithm", $"{LearnerNames.Display(_version.Algorithm)} ({LearnerNames.Hyperparameters(_version.Hyperparameters)})"),
            ("Feature view", $"`{TrainingViews.NameOf(_version.Signature.EncoderId)}`"),
            ("Artifact", $"`{ArchiveLayout.Model}`, {Quantity.Of(_version.Artifact.Bytes, "byte")}, SHA-256 `{_version.Artifact.Sha256}`"),
            ("Trained by", $"code version `{_version.CodeVersion}`, registered {Format.UtcTime(_version.CreatedAt)}"),
            ("Promotion decision", $"{_version.Gate.Verdict.ToString().ToUpperInvariant()}. {EscapeMarkdown(_version.Gate.Reason)}"),
            ("Tags", _version.Tags.Count == 0 ? "none" : string.Join(", ", _version.Tags.Select(tag => $"{EscapeMarkdown(tag.Key)} = {EscapeMarkdown(tag.Value)}"))));
        if (_version.Origin is { } origin)
            WriteLine($"Imported on {origin.ImportedAt:yyyy-MM-dd} from an archive (SHA-256 `{origin.ArchiveSha256}`); version {origin.Version} in the exporting store.");
    }

    private void WriteUse()
    {
        WriteLine("## Intended use");
        WriteLine("Demonstration, teaching and tests of a machine-learning workflow. The model estimates the probability that a passenger, described by class, sex, age and fare, survived the sinking of the Titanic on 15 April 1912.");
        WriteLine("The model must not be used for decisions about people. It reproduces the selection that one crew made on one night.");
        var example = _version.InputExample;
        var counts = example.Neighbors > 0 ? $", {example.Survivors} of {example.Neighbors} neighbors survived" : "";
        WriteLine($"Example: {Format.Inputs(example.Pclass, example.Sex, example.Age, example.Fare)}. Prediction: {(example.Survived ? "survived" : "died")}, probability of survival {Format.Percent(example.Probability)}{counts}.");
    }

    private void WriteData()
    {
        var data = _version.Dataset;
        var view = TrainingViews.Get(data.View, data.ViewVersion).Schema;
        WriteLine("## Data");
        WriteLine("Historical rows come from the \"titanic3\" passenger list by Thomas Cason and Frank E. Harrell Jr. (Vanderbilt Biostatistics). Rows of the sources synthetic and api are not historical persons.");
        WriteItems(
            ("Rows", $"{Format.Count(data.Rows)}, {Format.Count(data.Survivors)} survived; from {string.Join(", ", data.Sources)}{(data.EventTimeFrom is { } from ? $", event times since {Format.UtcTime(from)}" : "")}; `{ArchiveLayout.Rows}`"),
            ("Digest", $"SHA-256 `{data.Sha256}` of the canonical bytes of the rows"),
            ("View", $"`{view}`: {string.Join(", ", view.FeatureNames)}"),
            ("Label cutoff", $"as of commit {data.AsOfCommitId} of the store that trained it, outcomes known before {Format.UtcTime(data.KnownBefore)}"),
            ("Hold-out", $"{Quantity.Of(data.HeldOutRows, "row")} ({Format.Percent(data.TestShare)} of the persons) for the hold-out metrics; the model is fitted on all rows"));
        foreach (var constant in view.Constants)
            WriteLine($"- {constant}", isLast: constant == view.Constants[^1]);
    }

    private void WriteEvaluation()
    {
        WriteLine("## Evaluation");
        WriteLine("Each row is predicted by a model that was not fitted on it. Parentheses contain the 95% interval, if it is defined; ± is the standard deviation over the repeats; n is the number of predicted rows.");
        foreach (var method in _metrics.Evaluations.GroupBy(evaluation => evaluation.Method))
        {
            WriteLine($"### {char.ToUpperInvariant(method.Key[0])}{method.Key[1..]}, n = {Format.Count(method.First().Rows)}");
            WriteLine($"| |{string.Concat(_reportedMetrics.Select(metric => $" {metric.Name} |"))}", isLast: false);
            WriteLine($"|---|{string.Concat(_reportedMetrics.Select(_ => "---|"))}", isLast: false);
            foreach (var evaluation in method)
                WriteLine($"| {EscapeMarkdown(LearnerNames.Display(evaluation.Subject))} |{string.Concat(_reportedMetrics.Select(metric => $" {MetricFormat.WithUncertainty(metric.Key, evaluation.Metrics.GetValueOrDefault(metric.Key))} |"))}", isLast: false);
            _text.Append('\n');
        }
        if (_metrics.Comparison is { } comparison)
        {
            var better = comparison.Learners.Where(learner => learner.BrierDifference is { High: < 0 }).Select(learner => LearnerNames.Display(learner.Name)).ToList();
            WriteLine($"Comparison with other algorithms on the same {Quantity.Of(comparison.Rows, "row")} and folds ({string.Join(", ", comparison.Learners.Select(learner => LearnerNames.Display(learner.Name)))}): {(better.Count == 0 ? "none has a significantly better Brier score" : $"significantly better Brier score: {string.Join(", ", better)}")}.");
        }
        if (_metrics.Selection is { } selection)
            WriteLine($"Hyperparameter search: {EscapeMarkdown(LearnerNames.Hyperparameters(selection.Reason))}");
    }

    private void WriteSegments()
    {
        if (_metrics.Evaluations.FirstOrDefault(evaluation => evaluation.Segments is { Count: > 0 }) is not { Segments: { } segments } measured)
            return;
        WriteLine($"## By segment ({measured.Method})");
        WriteLine("| Segment | n | Accuracy | Brier score |", isLast: false);
        WriteLine("|---|---|---|---|", isLast: false);
        foreach (var segment in segments)
            WriteLine($"| {(segment.Pclass is { } pclass ? $"{Format.Class(pclass)} class" : "")}{(segment is { Pclass: not null, Sex: not null } ? ", " : "")}{segment.Sex} | {Format.Count(segment.Rows)} | {MetricFormat.WithUncertainty("accuracy", segment.Accuracy)} | {MetricFormat.WithUncertainty("brier", segment.Brier)} |", isLast: false);
        _text.Append('\n');
    }

    private void WriteCaveats()
    {
        WriteLine("## Caveats");
        WriteLine("- The metrics apply to the passengers of this one ship, not to other disasters.", isLast: false);
        WriteLine("- Age is missing for a fifth of the historical passengers. A missing age is a group of its own or the median, depending on the view.", isLast: false);
        WriteLine("- Metrics of small segments are uncertain; see their intervals.", isLast: false);
        WriteLine("- The verification below shows that the archive is complete and consistent, not who made it.");
    }

    private void WriteVerification()
    {
        WriteLine("## Verification");
        WriteLine("```");
        _text.Length -= 1;
        WriteLine("unzip ARCHIVE.zip && sha256sum -c SHA256SUMS", isLast: false);
        WriteLine("dotnet run --project Titanic.Web -- verify-archive ARCHIVE.zip", isLast: false);
        WriteLine("```");
        _text.Length -= 1;
        _text.Append("\nThe second command also loads the model, predicts the input example, computes the digest of the rows, retrains the model and compares the bytes.\n");
    }

    private void WriteItems(params (string Name, string Value)[] items)
    {
        foreach (var (name, value) in items)
            WriteLine($"- **{name}**: {value}", isLast: name == items[^1].Name);
    }

    private void WriteLine(string line, bool isLast = true) => _text.Append(line).Append(isLast ? "\n\n" : "\n");

    /// <summary>Escapes user text so that no character is Markdown markup.</summary>
    private static string EscapeMarkdown(string text)
    {
        var escaped = new StringBuilder();
        foreach (var character in text.ReplaceLineEndings(" "))
        {
            if (character is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '#' or '|' or '~' or '&' or '!')
                escaped.Append('\\');
            escaped.Append(character);
        }
        return escaped.ToString();
    }
}
