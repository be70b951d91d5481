using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>Compares recomputed evaluations of a version with the stored ones, bit by bit.</summary>
/// <param name="Compared">Number of compared metric values, confusion matrices, curves and breakdowns.</param>
/// <param name="Differences">One entry for each that differs in any bit.</param>
/// <param name="NotRecomputed">Methods of stored evaluations that were not recomputed.</param>
public sealed record EvaluationComparison(int Compared, IReadOnlyList<MetricDifference> Differences, IReadOnlyList<string> NotRecomputed)
{
    public static EvaluationComparison Between(IReadOnlyList<EvaluationRecord> stored, IReadOnlyList<EvaluationRecord> recomputed)
    {
        var (compared, different, notMeasured) = (0, new List<MetricDifference>(), new List<string>());
        foreach (var before in stored)
        {
            if (recomputed.FirstOrDefault(record => (record.Subject, record.Method) == (before.Subject, before.Method)) is not { } now)
            {
                notMeasured.Add(before.Method);
                continue;
            }
            // Older versions store intervals of the folds where all predictions are one class (CrossValidationResult.PredictsOneClass); only
            // the metrics themselves are compared then.
            var hasFoldInterval = before.Confusion.PredictsOneClass && before.GetCrossValidationOptions(0) is not null;
            Compare("rows", new MetricValue(before.Rows), new MetricValue(now.Rows));
            foreach (var (metric, value) in before.Metrics)
                Compare(metric, value, now.Metrics.GetValueOrDefault(metric));
            CompareParts("confusion matrix", [before.Confusion], [now.Confusion]);
            CompareParts("calibration", before.Calibration, now.Calibration);
            CompareParts("ROC curve", before.Roc, now.Roc);
            CompareParts("precision-recall curve", before.PrecisionRecall, now.PrecisionRecall);
            CompareParts("metrics by class and sex", before.Segments, now.Segments);

            void Compare(string name, MetricValue old, MetricValue? found)
            {
                compared++;
                if (old != found && !(hasFoldInterval && found is not null && (old.Value, old.Spread) == (found.Value, found.Spread)))
                    different.Add(new MetricDifference(before.Subject, before.Method, name, old, found));
            }

            // Versions that were registered before a part was introduced do not have it; that is no difference.
            void CompareParts<T>(string name, IReadOnlyList<T>? old, IReadOnlyList<T>? found)
            {
                if (old is null)
                    return;
                compared++;
                if (found is null || !old.SequenceEqual(found))
                    different.Add(new MetricDifference(before.Subject, before.Method, name, null, null));
            }
        }
        return new EvaluationComparison(compared, different, [.. notMeasured.Distinct()]);
    }
}

/// <param name="Name">The metric, or the part of the evaluation.</param>
/// <param name="Stored">The stored value; null for a part that has more than one value.</param>
/// <param name="Recomputed">The recomputed value; null for a part that has more than one value, or when it was not recomputed.</param>
public sealed record MetricDifference(string Subject, string Method, string Name, MetricValue? Stored, MetricValue? Recomputed)
{
    /// <summary>For example "accuracy of knn by hold-out is 0.81, stored is 0.82", with all digits.</summary>
    public override string ToString()
    {
        var what = $"{Name} of {Subject} by {Method}";
        if (Stored is null)
            return $"{what} differs";
        return Stored.Value != Recomputed?.Value
            ? FormattableString.Invariant($"{what} is {Recomputed?.Value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "undefined"}, stored is {Stored.Value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "undefined"}")
            : $"{what} has a different interval or spread";
    }
}
