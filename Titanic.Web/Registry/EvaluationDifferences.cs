using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Registry;

/// <summary>Figures of a version that were measured again, held against those that are stored.</summary>
/// <param name="Compared">How many figures, confusion tables, curves and breakdowns were there to compare.</param>
/// <param name="Different">One entry for each that differs in any bit.</param>
/// <param name="NotMeasured">Methods of stored figures that were not measured again.</param>
public sealed record EvaluationDifferences(int Compared, IReadOnlyList<FigureDifference> Different, IReadOnlyList<string> NotMeasured)
{
    public static EvaluationDifferences Between(IReadOnlyList<EvaluationRecord> stored, IReadOnlyList<EvaluationRecord> again)
    {
        var (compared, different, notMeasured) = (0, new List<FigureDifference>(), new List<string>());
        foreach (var before in stored)
        {
            if (again.FirstOrDefault(record => (record.Subject, record.Method) == (before.Subject, before.Method)) is not { } now)
            {
                notMeasured.Add(before.Method);
                continue;
            }
            Compare("rows", new MetricValue(before.Rows), new MetricValue(now.Rows));
            foreach (var (metric, figure) in before.Metrics)
                Compare(metric, figure, now.Metrics.GetValueOrDefault(metric));
            CompareParts("confusion table", [before.Confusion], [now.Confusion]);
            CompareParts("calibration", before.Calibration, now.Calibration);
            CompareParts("ROC curve", before.Roc, now.Roc);
            CompareParts("precision-recall curve", before.PrecisionRecall, now.PrecisionRecall);
            CompareParts("figures by class and sex", before.Segments, now.Segments);

            void Compare(string name, MetricValue old, MetricValue? found)
            {
                compared++;
                if (old != found)
                    different.Add(new FigureDifference(before.Subject, before.Method, name, old, found));
            }

            // What a version does not have, as one from before it was measured, is not missed.
            void CompareParts<T>(string name, IReadOnlyList<T>? old, IReadOnlyList<T>? found)
            {
                if (old is null)
                    return;
                compared++;
                if (found is null || !old.SequenceEqual(found))
                    different.Add(new FigureDifference(before.Subject, before.Method, name, null, null));
            }
        }
        return new EvaluationDifferences(compared, different, [.. notMeasured.Distinct()]);
    }
}

/// <param name="Name">The metric, or the part of the evaluation.</param>
/// <param name="Stored">Null for what is more than one figure.</param>
/// <param name="Again">Null for what is more than one figure, or was not measured.</param>
public sealed record FigureDifference(string Subject, string Method, string Name, MetricValue? Stored, MetricValue? Again)
{
    /// <summary>"accuracy of knn by hold-out is 0.81, stored is 0.82".</summary>
    public override string ToString()
    {
        var what = $"{Name} of {Subject} by {Method}";
        if (Stored is null)
            return $"{what} differs";
        return Stored.Value != Again?.Value
            ? FormattableString.Invariant($"{what} is {Again?.Value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "undefined"}, stored is {Stored.Value?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? "undefined"}")
            : $"{what} has another interval or spread";
    }
}
